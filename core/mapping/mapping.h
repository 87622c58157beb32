/* Schema mapping: which field of a record goes where, and as which type. Compiled once, then bound to each schema. */
#ifndef SLUICE_MAPPING_H
#define SLUICE_MAPPING_H
#include <sluice/arrow.h>

struct mapping_rule {
  const char *from;          /* name of a source column; NULL: `value` is a constant */
  const char *to;            /* dotted path in the record that goes out; NULL: as `from` */
  const char *type;          /* name of a type; NULL: as found (constants: text) */
  const char *value;         /* the constant, as text */
  const char *default_value; /* what a null becomes, as text; NULL: it stays null */
  bool required;             /* a null is a reject */
};
struct mapping;
struct mapping_bound;

/* Compiles the rules; texts are copied. CONFIG: unknown type, two rules for one place, a rule with neither or both of
 * `from` and `value`; err->where is "mapping[i]". */
int mapping_create(const struct mapping_rule *rules, size_t n, struct mapping **out, struct sluice_error *err);
void mapping_destroy(struct mapping *); /* takes NULL */

/* The columns that the mapping needs, with the types that decoders shall give ("" as found): a scan's `want`. */
int mapping_want(const struct mapping *, struct ArrowSchema *out);

/* Binds to the schema of the records that come in. CONFIG: a column is missing or cannot become the type. */
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
