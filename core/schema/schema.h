/* A job's schema: the form in which the ledger remembers it, and the least schema that holds two. All functions are
 * [any]; outputs are written only on SLUICE_OK. */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H
#include <sluice/arrow.h>

/* JSON, malloc'ed: {"name", "type" (a C Data format), "nullable", and where there are any "ordered", "keys_sorted",
 * "metadata" (base64), "children", "dictionary"}. Reading it back gives an equal schema, metadata included.
 * DATA: a name is not UTF-8, unknown flags, broken metadata or too deep. */
int schema_to_json(const struct ArrowSchema *schema, char **text);
/* DATA: the text is not that form, or not a sound schema. Type "" (not known yet) is allowed in a field without
 * children. */
int schema_from_json(const char *text, struct ArrowSchema *out, struct sluice_error *err);

/* The least schema that holds the values of both, as they were found in two files. Columns by name in order of first
 * appearance, nullable where one has them not. Numbers widen (int64 with double: double), a date with a timestamp is a
 * timestamp, of timestamps in one zone the finer unit, "n" and "" give way to any type, structs and lists merge inside;
 * whatever else differs is utf8. DATA: not structs, or too deep. */
int schema_merge(const struct ArrowSchema *a, const struct ArrowSchema *b, struct ArrowSchema *out,
                 struct sluice_error *err);

enum { SCHEMA_PATH_SIZE = 400, SCHEMA_WAY_MAX = 66 };
struct schema_new {
  const char *path; /* "o.b", "items[].id", cut where it is too long */
  const struct ArrowSchema *field;
  const int64_t *way; /* to it from the top of `more`: which child each time */
  int depth;          /* so many: 1 for a column */
  bool repeated;      /* it is in a list or a map */
};
typedef int schema_new_fn(void *context, const struct schema_new *);
/* Calls for each field that `more` has and `base` lacks, at any depth of structs, lists and maps that both have: once
 * for a struct that is new, not for what is in it. Stops at what is not OK. */
int schema_find_new(const struct ArrowSchema *base, const struct ArrowSchema *more, schema_new_fn *found,
                    void *context);
/* All of `base` as it is, with these fields after those that it has at their places; they may be null. MEMORY. */
int schema_append(const struct ArrowSchema *base, const struct ArrowSchema *more, struct ArrowSchema *out);

/* Each wanted column with the type that it asks for, else with that of the column of its name in `found` (which may
 * have none), else as text. MEMORY. */
int schema_settle(const struct ArrowSchema *want, const struct ArrowSchema *found, struct ArrowSchema *out);

#endif
