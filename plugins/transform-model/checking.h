/* A batch being checked: its columns, and which of its rows stay. */
#ifndef MODEL_CHECKING_H
#define MODEL_CHECKING_H
#include "bound.h"

struct checking {
  struct bound *bound;
  struct ArrowArray *views; /* of each use, as use.plain (timestamps: as they go out); shared, ours */
  int64_t rows, seq, now_ms;
  uint8_t *keep; /* of each row */
  int64_t rejected;
  struct sluice_rejects *rejects;
  struct sluice_error *err;
};

/* Rejects the row, unless it is already: the reason is "CODE: text". An error is the answer of the job's policy. */
#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
int checking_reject(struct checking *, int64_t row, const struct use *use, const char *code, const char *format, ...);

/* ---- cells of views ---- */

struct span {
  const char *data;
  size_t size;
};
struct items { /* of a list: indexes in its child */
  int64_t first, count;
};
static inline bool cell_null(const struct sluice_type *type, const struct ArrowArray *array, int64_t i) {
  return type->id == SLUICE_TYPE_NULL || sluice_is_null(array, i);
}
static inline bool cell_has_nulls(const struct sluice_type *type, const struct ArrowArray *array) {
  return type->id == SLUICE_TYPE_NULL || (array->null_count != 0 && array->n_buffers > 0 && array->buffers[0]);
}
static inline struct span cell_text(const struct ArrowArray *array, int64_t i) {
  const int32_t *offsets = (const int32_t *)array->buffers[1] + array->offset + i;
  size_t size = (size_t)(offsets[1] - offsets[0]);
  return (struct span){size ? (const char *)array->buffers[2] + offsets[0] : "", size};
}
static inline struct items cell_items(const struct sluice_type *type, const struct ArrowArray *array, int64_t i) {
  if (type->id == SLUICE_TYPE_FIXED_LIST)
    return (struct items){(array->offset + i) * type->width, type->width};
  const int32_t *offsets = (const int32_t *)array->buffers[1] + array->offset + i;
  return (struct items){offsets[0], offsets[1] - offsets[0]};
}
int64_t cell_int(const struct sluice_type *type, const struct ArrowArray *array, int64_t i);   /* ints with a sign */
double cell_number(const struct sluice_type *type, const struct ArrowArray *array, int64_t i); /* or float, double */
/* At most 40 bytes of a text as messages show it: whole characters, none that could spoil a terminal. */
const char *cell_shown(struct span text, char out[48]);
size_t cell_characters(struct span text); /* of UTF-8 */

/* ---- the checks; what use, other and limit are of is said beside each ---- */

typedef int check_fn(const struct check *, struct checking *);
check_fn check_missing;    /* use must have a value */
check_fn check_length;     /* text of use: 1 to `limit` characters */
check_fn check_tag_length; /* text of use: at most `limit` characters */
check_fn check_all_null;   /* one of `set` must have a value; code, text say whose rule it is */
check_fn check_window;     /* use: timestamps */
check_fn check_rank;       /* use: 1 to 100 */
check_fn check_group;      /* use: group; other: rank */
check_fn check_relevance;  /* use: text or list of text, none empty */
check_fn check_vector;     /* use: a list, not of 1, at most `limit` */
check_fn check_raw_data;   /* use: text or list of text, at most `limit` characters */
check_fn check_scores;     /* use: list of {class_name, score} */
check_fn check_boxes;      /* use: coordinates */
check_fn check_box_counts; /* use: coordinates; other: as many */

/* time.c: makes the timestamps of a batch from what is in the file, in place. */
int time_convert(struct checking *);
/* record.c: the record of all rows. */
int record_build(const struct checking *, struct ArrowArray *out);

#endif
