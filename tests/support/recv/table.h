/* Records by key, as operations left them: where each stands in the records file. */
#ifndef RECV_TABLE_H
#define RECV_TABLE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct row {
  int64_t offset, size; /* in the records file */
  char key[];
};
struct table { /* zeroed is empty */
  void *tree;
  int64_t rows;
};

/* The row of this key; NULL: there is none. */
const struct row *table_find(const struct table *, const char *key);
/* Makes or replaces a row. False: no memory. */
bool table_put(struct table *, const char *key, int64_t offset, int64_t size);
void table_drop(struct table *, const char *key);
/* Prints the records of all rows, in the order of their keys. False: the records file cannot be read. */
bool table_print(const struct table *, int records_fd, FILE *to);
void table_finish(struct table *);

#endif
