/* The growing column behind the builder, filter, concat and casts. */
#ifndef SLUICE_ARROW_BUILDER_H
#define SLUICE_ARROW_BUILDER_H
#include "internal.h"

struct sluice_builder {
  struct sluice_type type;
  enum layout layout;
  int64_t length, nulls;
  int64_t taken;                 /* list views: items of the child that belong to values so far */
  struct sluice_buffer validity; /* empty until the first null */
  struct sluice_buffer first;    /* values, offsets, views, or type codes of a union */
  struct sluice_buffer second;   /* bytes of text, sizes of list views, offsets of a union */
  int64_t n_children;
  struct sluice_builder **children, *dictionary;
  int8_t codes[128];    /* unions: the code of each child */
  int16_t by_code[128]; /* and the child of each code; -1: none */
};

/* Marks n more values valid or null; the length is the caller's to add. */
int builder_mark(struct sluice_builder *b, int64_t n, bool valid);
/* Starts the offsets of text and lists with 0. */
int builder_start_offsets(struct sluice_builder *b);
/* Copies the dictionaries of an array, in all depths, into an empty builder. */
int builder_take_dictionaries(struct sluice_builder *b, const struct ArrowArray *array);

#endif
