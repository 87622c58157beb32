/* Integration JSON of the Arrow project: the strongest truth there is for IPC files. */
#ifndef IPC_COMPARE_GOLDEN_H
#define IPC_COMPARE_GOLDEN_H
#include "values.h"
#include <jansson.h>

struct golden {
  json_t *root;
  struct ArrowSchema schema;
};
/* DATA: it is no integration JSON; err says what is wrong. */
int golden_open(const char *text, size_t size, struct golden *out, struct sluice_error *err);
void golden_close(struct golden *golden);
size_t golden_batches(const struct golden *golden);
int64_t golden_rows(const struct golden *golden, size_t batch);
/* As put_value has it. */
void golden_value(const struct golden *golden, size_t batch, int64_t column, int64_t row, struct sluice_buffer *out);

#endif
