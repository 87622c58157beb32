/* What another JSON parser says. */
#ifndef JSON_FUZZ_ORACLE_H
#define JSON_FUZZ_ORACLE_H
#include <stddef.h>

enum { ORACLE_NO, ORACLE_YES, ORACLE_UNSURE };
/* Whether the text is one JSON object; UNSURE: it has its own reasons not to take it. */
int oracle_is_object(const char *text, size_t size);

#endif
