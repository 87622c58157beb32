/* Times as S3 writes them. */
#ifndef S3D_CLOCK_H
#define S3D_CLOCK_H
#include <stdint.h>

enum { CLOCK_TEXT = 40 };

int64_t clock_now(void);                                      /* seconds since 1970 */
void clock_iso(int64_t seconds, char text[CLOCK_TEXT]);       /* 2026-01-31T12:00:00.000Z */
void clock_http(int64_t seconds, char text[CLOCK_TEXT]);      /* Sat, 31 Jan 2026 12:00:00 GMT */
void clock_iso_plain(int64_t seconds, char text[CLOCK_TEXT]); /* 2026-01-31T12:00:00Z */
#endif
