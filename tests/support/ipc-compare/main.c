/* ipc-compare [--nullability] [--metadata] A B: whether two Arrow streams or files, or one of them and integration
 * JSON, hold the same values. Exit status: 0 the same, 1 different, 2 an error. */
#include "compare.h"
#include <stdlib.h>

static int open_file(struct side *side, const char *path, uint8_t **data) {
  struct sluice_error err = {0};
  size_t size = 0;
  *data = test_file_read(path, &size);
  if (!*data) {
    fprintf(stderr, "ipc-compare: cannot read '%s'\n", path);
    return SLUICE_ERR_NOT_FOUND;
  }
  int rc = side_open(side, path, *data, size, NULL, &err);
  if (rc)
    fprintf(stderr, "ipc-compare: %s: %s\n", path, err.message);
  return rc;
}

static int compare(struct side *a, struct side *b, int flags) {
  struct sluice_error err = {0};
  char difference[2048] = "";
  int64_t rows = 0;
  int rc = compare_sides(a, b, flags, difference, sizeof difference, &rows, &err);
  if (rc == SLUICE_OK)
    printf("the same: %lld rows, %lld columns\n", (long long)rows, (long long)a->schema.n_children);
  else if (rc == SLUICE_END)
    printf("different: %s\n", difference);
  else
    fprintf(stderr, "ipc-compare: row %lld of '%s', row %lld of '%s': %s\n", (long long)a->row, a->name,
            (long long)b->row, b->name, err.message);
  return rc == SLUICE_OK ? 0 : rc == SLUICE_END ? 1 : 2;
}

int main(int argc, char **argv) {
  struct side sides[2] = {{0}};
  uint8_t *data[2] = {NULL, NULL};
  const char *paths[2];
  int flags = 0, n = 0, status = 2;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--nullability") == 0)
      flags |= VALUES_NULLABILITY;
    else if (strcmp(argv[i], "--metadata") == 0)
      flags |= VALUES_METADATA;
    else if (n < 2 && argv[i][0] != '-')
      paths[n++] = argv[i];
    else
      n = 3;
  }
  if (n != 2) {
    fprintf(stderr, "usage: ipc-compare [--nullability] [--metadata] A B\n");
    return 2;
  }
  if (open_file(&sides[0], paths[0], &data[0]) == SLUICE_OK && open_file(&sides[1], paths[1], &data[1]) == SLUICE_OK)
    status = compare(&sides[0], &sides[1], flags);
  for (int i = 0; i < 2; i++) {
    side_close(&sides[i]);
    free(data[i]);
  }
  return status;
}
