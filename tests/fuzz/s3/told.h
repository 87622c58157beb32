/* What must hold for all that a server's answer makes the S3 source tell people. */
#ifndef FUZZ_S3_TOLD_H
#define FUZZ_S3_TOLD_H
#include "request/fault.h"

void require(bool true_always);
/* It ends within size bytes, is UTF-8, and has no control character. */
void require_text(const char *text, size_t size);
/* Does it have 16 bytes of the secret in a row? */
bool repeats(const void *bytes, size_t n, const char *secret);
/* The fault, its text for people, and how long it lets us wait. secret: what must not be told. */
void require_fault(const struct fault *fault, const char *secret);

#endif
