/* Rows in a balanced tree of the C library. */
#include "table.h"
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare(const void *a, const void *b) {
  return strcmp(((const struct row *)a)->key, ((const struct row *)b)->key);
}

static struct row *row_create(const char *key) {
  size_t size = strlen(key) + 1;
  struct row *row = calloc(1, sizeof *row + size);
  if (row)
    memcpy(row->key, key, size);
  return row;
}

static struct row *find(const struct table *table, const char *key) {
  struct row *wanted = row_create(key);
  struct row *const *found = wanted ? tfind(wanted, &table->tree, compare) : NULL;
  free(wanted);
  return found ? *found : NULL;
}

const struct row *table_find(const struct table *table, const char *key) {
  return find(table, key);
}

bool table_put(struct table *table, const char *key, int64_t offset, int64_t size) {
  struct row *row = find(table, key);
  if (!row) {
    row = row_create(key);
    if (!row || !tsearch(row, &table->tree, compare)) {
      free(row);
      return false;
    }
    table->rows++;
  }
  row->offset = offset;
  row->size = size;
  return true;
}

void table_drop(struct table *table, const char *key) {
  struct row *row = find(table, key);
  if (!row)
    return;
  tdelete(row, &table->tree, compare);
  table->rows--;
  free(row);
}

struct printing {
  int fd;
  FILE *to;
  bool ok;
};

static bool print_row(const struct row *row, int fd, FILE *to) {
  char *text = malloc((size_t)row->size + 1);
  bool ok = text && pread(fd, text, (size_t)row->size, (off_t)row->offset) == (ssize_t)row->size;
  ok = ok && fwrite(text, 1, (size_t)row->size, to) == (size_t)row->size;
  free(text);
  return ok;
}

static void visit(const void *node, VISIT which, void *closure) {
  struct printing *printing = closure;
  if ((which == postorder || which == leaf) && printing->ok)
    printing->ok = print_row(*(struct row *const *)node, printing->fd, printing->to);
}

bool table_print(const struct table *table, int records_fd, FILE *to) {
  struct printing printing = {records_fd, to, true};
  twalk_r(table->tree, visit, &printing);
  return printing.ok;
}

void table_finish(struct table *table) {
  tdestroy(table->tree, free);
  *table = (struct table){.tree = NULL};
}
