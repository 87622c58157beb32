/* Batches of any types from JSON, through the model transform, and back to JSON lines. */
#ifndef MODEL_KIT_H
#define MODEL_KIT_H
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "bind.h"
#include "options.h"
#include <sluice/arrow.h>

enum { KIT_REJECTS = 256, KIT_FIELDS = 40 };

/* A column: name and type. The type is a C Data format, behind any of L (list of), Y (large list of), F2 (fixed list of
 * 2 of), D (dictionary of, with int32 indexes); S is {class_name text, score double}, T the same with score int32
 * first. */
struct kit_field {
  const char *name, *type;
};
struct kit_reject {
  int64_t row;
  char column[64], reason[640];
};
struct kit {
  struct sluice_host host;
  struct model_config config; /* score_categorical, production, every time allowed */
  struct model *model;
  char logged[4096];
  struct sluice_rejects rejects;
  struct kit_reject rejected[KIT_REJECTS];
  int n_rejected, stop_after; /* stop_after: the policy's answer to so many rejects is CANCELLED; 0: none */
  char *lines;                /* of the last batch; NULL: none */
  int64_t *origin;            /* ordinals of its rows, copied; NULL: none */
  struct sluice_error err;
};
void kit_init(struct kit *, const char *schema);
void kit_finish(struct kit *);

int kit_make_schema(const struct kit_field *fields, struct ArrowSchema *out); /* fields: ended by a NULL name */
int kit_make_array(const struct ArrowSchema *schema, const char *rows, struct ArrowArray *out); /* JSON: [[...], ...] */

/* open, bind and apply; the code of the first that failed. rows: columns in the order of the fields. */
int kit_open(struct kit *);
int kit_bind(struct kit *, const struct kit_field *fields);
int kit_run(struct kit *, const struct kit_field *fields, const char *rows);

/* The same as assertions. */
void kit_passes(struct kit *, const struct kit_field *fields, const char *rows, const char *lines);
/* All rows pass; what they become is not looked at. */
void kit_accepts(struct kit *, const struct kit_field *fields, const char *rows);
/* Exactly that row is rejected, for that column (NULL: none), with each of these texts in the reason. */
void kit_rejects(struct kit *, const struct kit_field *fields, const char *rows, int64_t row, const char *column,
                 const char *code, const char *text);
void kit_binds(struct kit *, const struct kit_field *fields);
void kit_bind_fails(struct kit *, const struct kit_field *fields, const char *code, const char *text);
void kit_open_fails(struct kit *, const char *code, const char *text);

#define FIELDS(...) ((const struct kit_field[]){__VA_ARGS__, {NULL, NULL}})

#endif
