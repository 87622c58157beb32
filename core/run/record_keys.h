/* Keys and fingerprints of records, for sync by row. A record's key is a hash of its key columns, its fingerprint one
 * of all its columns, both as the sink gets them: another mapping gives other fingerprints, so records go again. */
#ifndef RUN_RECORD_KEYS_H
#define RUN_RECORD_KEYS_H
#include <sluice/arrow.h>

enum { RECORD_KEY_SIZE = 16 };
struct record_key {
  uint8_t key[RECORD_KEY_SIZE]; /* of SHA-256 */
  uint64_t fingerprint;
  const char *null_column; /* a key column without a value; NULL: the key is whole */
  bool plain;              /* it has a JSON form; only then are key and fingerprint set */
};

struct record_keys;
/* CONFIG: the schema has no such column. The schema is borrowed. */
int record_keys_create(const char *const *columns, size_t n, const struct ArrowSchema *schema, struct record_keys **out,
                       struct sluice_error *err);
void record_keys_destroy(struct record_keys *); /* takes NULL */
/* One for each record of the batch. [instance] */
int record_keys_of(struct record_keys *, const struct sluice_batch *, struct record_key *out, struct sluice_error *err);
/* CONFIG: the configuration's `key` names a column that the records do not have; `means` says what it should name. */
int record_no_column(const char *key, const char *means, const char *name, const struct ArrowSchema *,
                     struct sluice_error *err);

#endif
