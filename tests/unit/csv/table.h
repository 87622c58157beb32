/* A CSV file read as a table of texts, for tests that compare it with another one. */
#ifndef CSV_TEST_TABLE_H
#define CSV_TEST_TABLE_H
#include "kit.h"
#include <jansson.h>

struct table {
  json_t *names; /* of the columns */
  json_t *rows;  /* arrays of texts; null stands for no field */
  int64_t rejects;
  int rc;
  char message[768];
};

/* All columns are text. settings: as kit_parse_options has them. With `sniff` what they do not set is found. */
struct table table_read(const char *path, const char *settings, bool sniff);
struct table table_read_bytes(const char *data, size_t size, const char *path, const char *settings, bool sniff);
void table_finish(struct table *t);
/* Rows that are the same in both, in order, from both ends. */
size_t table_same_rows(const json_t *a, const json_t *b);
/* The rows as objects by name. */
json_t *table_objects(const struct table *t);

#endif
