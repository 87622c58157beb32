/* How many nodes and buffers a field takes in a RecordBatch. */
#ifndef ARROW_SHAPE_H
#define ARROW_SHAPE_H
#include "load.h"

struct arrow_cursor { /* what comes next in the three lists of a RecordBatch */
  size_t node, buffer, count;
};
/* Buffers of the field itself, children not counted; -1: the batch says nothing, or nonsense, about its views. */
int64_t arrow_shape_buffers(const struct arrow_batch *batch, const struct arrow_field *field, size_t *next_count);
/* Walks past a field and its children. False: the batch is not of this shape. */
bool arrow_shape_skip(const struct arrow_batch *batch, const struct arrow_field *field, struct arrow_cursor *at);
/* Sets need[i] for each buffer of the wanted fields, and walks past them all. */
bool arrow_shape_mark(const struct arrow_batch *batch, const struct arrow_field *field, struct arrow_cursor *at,
                      uint8_t *need);

#endif
