/* Reads the request files of AWS's SigV4 suite. */
#ifndef S3D_SUITE_FILE_H
#define S3D_SUITE_FILE_H
#include "sigv4.h"

enum { SUITE_HEADERS = 32 };

struct suite_request {
  char *text; /* holds all that the others point into */
  size_t size;
  char *method, *target, *body;
  struct sigv4_header headers[SUITE_HEADERS];
  size_t header_count;
};

/* NULL when it cannot be read. */
char *suite_read(const char *folder, const char *name, size_t *size);
bool suite_parse(struct suite_request *r); /* from r->text */
#endif
