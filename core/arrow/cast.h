/* A cast as a tree of steps, one a field: planned once from two schemas, then run over rows. */
#ifndef SLUICE_ARROW_CAST_H
#define SLUICE_ARROW_CAST_H
#include "builder.h"
#include "path.h"

struct cast_job { /* who hears of misfits */
  sluice_misfit_fn *misfit;
  void *context;
  struct sluice_error *err;
};

struct rows { /* the batch's row of value i is first + i * step; step is 0 within one list */
  int64_t first, step;
};

enum cast_fields {                   /* fields of structs that the target has no place for */
                   CAST_ALL_FIELDS,  /* they are refused, lest they be lost without a word */
                   CAST_KNOWN_FIELDS /* they are left out */
};
struct cast;
/* Appends values first..first+n-1 of the array (its offset not yet added), cast, to c->out. */
typedef int cast_step_fn(struct cast *c, const struct ArrowArray *array, int64_t first, int64_t n, struct rows rows);

struct cast {
  const struct ArrowSchema *from_schema, *to_schema;
  struct sluice_type from, to;
  cast_step_fn *step;
  bool may_misfit;
  enum cast_fields fields;
  char column[96];
  const struct cast_job *job;
  struct sluice_builder *out; /* borrowed */
  /* Nested: a cast for each child of `to`, NULL where `from` has none; dictionaries and run-ends: one, of the values.
   */
  struct cast **children;
  int64_t n_children;
  int64_t *source;                /* the child of `from` for each child of `to`; -1: none */
  struct sluice_builder *scratch; /* encoding: values before they are looked up */
  struct index_table *index;      /* dictionaries: where each value is */
};

/* cast_plan.c */
int cast_plan(const struct ArrowSchema *from, const struct ArrowSchema *to, enum cast_fields fields,
              const struct path *path, struct cast **out, struct sluice_error *err);
void cast_destroy(struct cast *c);
int cast_bind(struct cast *c, struct sluice_builder *out, const struct cast_job *job);
/* The same memory layout and meaning, names of list items aside; `with_dictionaries` or with none in it. */
bool cast_same_type(const struct ArrowSchema *a, const struct ArrowSchema *b, bool with_dictionaries);

/* cast_misfit.c: reports, and puts a null in the value's place. */
int cast_misfit(struct cast *c, int64_t row, const char *value, size_t n, const char *why);

/* Steps. */
cast_step_fn cast_copy, cast_nulls, cast_scalar, cast_list, cast_struct, cast_union_to_struct, cast_union, cast_decode,
    cast_runs, cast_encode, cast_to_runs;
void index_table_destroy(struct index_table *table);

/* ---- single values ---- */

enum class {
  CLASS_NONE,
  CLASS_BOOL,
  CLASS_INT,
  CLASS_UINT,
  CLASS_REAL,
  CLASS_DECIMAL,
  CLASS_TEXT,
  CLASS_BYTES,
  CLASS_DATE,
  CLASS_TIME,
  CLASS_STAMP,
  CLASS_DURATION
};
enum class cast_class(enum sluice_type_id id);
/* Can a value of one class become one of the other; and may single values not fit? */
bool cast_classes(enum class from, enum class to);

struct value {
  enum class class;
  int64_t integer; /* bool, int, date (milliseconds), time, stamp, duration */
  uint64_t whole;
  double real;
  struct wide decimal;
  struct span span;
};
void cast_read(const struct sluice_type *type, const struct ArrowArray *array, int64_t i, struct value *out);
/* The value as text, for text columns and for messages; at most SLUICE_TEXT_MAX bytes, none for text and bytes. */
size_t cast_print(const struct sluice_type *type, const struct value *value, char *out);

/* Each appends the value to c->out, or gives SLUICE_ERR_DATA and why; nothing is appended then. */
typedef int cast_put_fn(struct cast *c, const struct value *value, const char **why);
cast_put_fn cast_put_bool, cast_put_int, cast_put_real, cast_put_decimal, cast_put_text, cast_put_bytes, cast_put_date,
    cast_put_time, cast_put_stamp, cast_put_duration;

#endif
