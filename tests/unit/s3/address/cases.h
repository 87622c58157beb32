/* The official endpoint cases: files of parameters and the URL or error that they must give. */
#ifndef S3_ADDRESS_CASES_H
#define S3_ADDRESS_CASES_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct left_out {
  const char *reason;
  int count;
};
struct cases {
  json_t *root;
  int ran, failed;
  struct left_out left_out[16];
};
struct one_case {
  const char *about;
  json_t *params;
  const char *url, *error; /* wanted; one is NULL */
  const char *signing_region;
};

bool cases_open(const char *file, struct cases *out); /* false: says that the file is not there */
size_t cases_count(const struct cases *cases);
void cases_get(const struct cases *cases, size_t i, struct one_case *out);
void cases_leave_out(struct cases *cases, const char *reason);
void cases_compare(struct cases *cases, const struct one_case *one, const char *what, const char *want,
                   const char *have);
int cases_close(struct cases *cases, const char *title); /* prints the counts; gives those that failed */

const char *case_text(const struct one_case *one, const char *name); /* NULL: not given */
bool case_true(const struct one_case *one, const char *name);
bool case_false(const struct one_case *one, const char *name); /* given, and false */

#endif
