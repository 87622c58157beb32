/* Schema mapping: which field of a record goes where, and as which type. Compiled once, then bound to each schema. */
#ifndef SLUICE_MAPPING_H
#define SLUICE_MAPPING_H
#include <sluice/arrow.h>

struct mapping_rule { /* texts are NULL where absent */
  const char *from;   /* a source column, or a path into one: "meta.user.id"; a name with dots in it comes first */
  const char *to;     /* where it goes, see below; NULL: the names of `from` */
  const char *type;   /* name of a type; NULL: as found (constants: text) */
  const char *value;  /* a constant instead of a column, as text */
  const char *default_value; /* what a null becomes, as text; NULL: it stays null */
  bool required;             /* a null is a reject */
  bool exclude;              /* what `from` names is left out */
  bool null;                 /* the constant is null */
};
/* `to`: names with dots between make records in records. "tags[]": a list of what its rules bring, in their order; of a
 * column that is a list, its items. "items[].id": a list of records; lists are zipped (of one length, or the record is
 * rejected; a list that is null counts as so many nulls), all else is repeated in each item; without any list there is
 * one item. "items[0].id": a place in a list of fixed length. Each "[]" takes one level of lists off the column. */

struct mapping_spec {
  const struct mapping_rule *rules;
  size_t n;
  bool keep; /* columns that no rule names follow under their own names; of structs, the fields that none names */
  const char *carried; /* a column that follows in any case, unless a rule names it; or NULL */
};
struct mapping;
struct mapping_bound;

/* Compiles the rules; texts are copied. CONFIG: unknown type, two rules for one place, a rule with none or two of
 * `from`, `value` and `null`; err->where is "mapping[i]". */
int mapping_create(const struct mapping_spec *, struct mapping **out, struct sluice_error *err);
void mapping_destroy(struct mapping *); /* takes NULL */

/* The columns that the mapping needs of data that has the columns `seen` (NULL: not known), with the types that
 * decoders shall give ("" as found): a scan's `want`. A column that is needed and not seen is there too. */
int mapping_want(const struct mapping *, const struct ArrowSchema *seen, struct ArrowSchema *out);
/* Does a column of this name, that no rule brings, go out? */
bool mapping_keeps(const struct mapping *, const char *column);
/* Calls for each rule, those that exclude included, whose `from` is not in the data. Stops at what is not OK. */
typedef int mapping_missing_fn(void *context, const char *from, bool excluded);
int mapping_missing(const struct mapping *, const struct ArrowSchema *seen, mapping_missing_fn *, void *context);

/* What the first rule for a column that is not in the data makes of it: "it is null". */
void mapping_without(const struct mapping *, const char *from, char *out, size_t size);
/* CONFIG: a rule's `from` is a place in a list, such as "tags[0]", which cannot be read; no column is named so. */
int mapping_check_from(const struct mapping *, const struct ArrowSchema *seen, struct sluice_error *err);

/* The field that `from` names in this data; NULL: there is none. */
const struct ArrowSchema *mapping_field(const struct ArrowSchema *in, const char *from);

/* Binds to the schema of the records that come in. CONFIG: a column is missing or cannot become the type, two values of
 * a list have different types, or a kept column has the name of a rule's place. */
int mapping_bind(const struct mapping *, const struct ArrowSchema *in, struct mapping_bound **out,
                 struct sluice_error *err);
void mapping_unbind(struct mapping_bound *);                            /* takes NULL */
const struct ArrowSchema *mapping_schema(const struct mapping_bound *); /* of the records that go out */

/* Maps one batch. Takes *in on OK; after an error it is only good for release. A record that does not fit goes to
 * `rejects` (seq, index in the batch) and keep[index] becomes 0; its values in *out are not to be used. keep has
 * in->length bytes, set to 1 by the caller. [any] */
int mapping_apply(const struct mapping_bound *, struct ArrowArray *in, int64_t seq, struct sluice_rejects *rejects,
                  uint8_t *keep, struct ArrowArray *out, struct sluice_error *err);

#endif
