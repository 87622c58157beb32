/* Keys and fingerprints: SHA-256 of the NDJSON of a record's columns, cut. */
#include "core/run/record_keys.h"
#include "core/base/nearest.h"
#include "core/encode/encode.h"
#include "core/run/batch.h"
#include <openssl/evp.h>
#include <stdlib.h>

struct record_keys {
  size_t n;
  const char *const *names;
  int64_t *columns;          /* of the schema */
  struct ArrowSchema view;   /* of the key columns; borrows them */
  struct ArrowSchema **kids; /* its children */
  struct ArrowArray **parts; /* room for the children of a batch's view */
  void *key_encoder, *record_encoder;
  EVP_MD_CTX *sha;
};

int record_no_column(const char *key, const char *means, const char *name, const struct ArrowSchema *schema,
                     struct sluice_error *err) {
  const char **names = calloc((size_t)schema->n_children + 1, sizeof *names);
  for (int64_t i = 0; names && i < schema->n_children; i++)
    names[i] = schema->children[i]->name;
  const char *near = names ? nearest_name(name, names, (size_t)schema->n_children) : NULL;
  int code = sluice_fail(err, SLUICE_ERR_CONFIG, key, "the records have no column '%s'%s%s%s; %s, so after the mapping",
                         name, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "", means);
  free(names);
  return code;
}

static int find_columns(struct record_keys *k, const struct ArrowSchema *schema, struct sluice_error *err) {
  for (size_t i = 0; i < k->n; i++) {
    k->columns[i] = sluice_schema_find(schema, k->names[i]);
    if (k->columns[i] < 0)
      return record_no_column("sync.key", "a key names columns as the sink gets them", k->names[i], schema, err);
    k->kids[i] = schema->children[k->columns[i]];
  }
  k->view = (struct ArrowSchema){.format = "+s", .name = "", .n_children = (int64_t)k->n, .children = k->kids};
  return SLUICE_OK;
}

static int open_encoders(struct record_keys *k, const struct ArrowSchema *schema, struct sluice_error *err) {
  static const struct sluice_pair nan = {"nan", "string"}; /* not the same as null */
  static const struct sluice_map options = {&nan, 1};
  const struct sluice_encode *encode = encode_service();
  int code = encode->open("ndjson", &options, &k->view, &k->key_encoder, err);
  return code ? code : encode->open("ndjson", &options, schema, &k->record_encoder, err);
}

int record_keys_create(const char *const *columns, size_t n, const struct ArrowSchema *schema, struct record_keys **out,
                       struct sluice_error *err) {
  struct record_keys *k = calloc(1, sizeof *k);
  int code = k ? SLUICE_OK : SLUICE_ERR_MEMORY;
  if (k) {
    *k = (struct record_keys){.n = n,
                              .names = columns,
                              .columns = calloc(n + 1, sizeof *k->columns),
                              .kids = calloc(n + 1, sizeof *k->kids),
                              .parts = calloc(n + 1, sizeof *k->parts),
                              .sha = EVP_MD_CTX_new()};
    code = k->columns && k->kids && k->parts && k->sha ? find_columns(k, schema, err) : SLUICE_ERR_MEMORY;
  }
  if (!code)
    code = open_encoders(k, schema, err);
  if (code) {
    record_keys_destroy(k);
    return sluice_fail(err, code, "sync.key", "no memory for the keys");
  }
  *out = k;
  return SLUICE_OK;
}

void record_keys_destroy(struct record_keys *k) {
  if (!k)
    return;
  encode_service()->close(k->key_encoder);
  encode_service()->close(k->record_encoder);
  EVP_MD_CTX_free(k->sha);
  free(k->columns);
  free(k->kids);
  free(k->parts);
  free(k);
}

static int hash(struct record_keys *k, const void *bytes, size_t n, void *out, size_t size) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  if (!EVP_DigestInit_ex(k->sha, EVP_sha256(), NULL) || !EVP_DigestUpdate(k->sha, bytes, n) ||
      !EVP_DigestFinal_ex(k->sha, digest, NULL))
    return SLUICE_ERR_MEMORY;
  memcpy(out, digest, size);
  return SLUICE_OK;
}

/* The sink says itself what is wrong with a record that has no encoding. */
static int ignore(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)rejects, (void)reject, (void)err;
  return SLUICE_OK;
}

enum { STEP = 1024 };

static int encode(void *encoder, const struct sluice_batch *batch, int64_t first, int64_t last,
                  struct sluice_encoded *out, struct sluice_error *err) {
  struct sluice_rejects rejects = {ignore, NULL};
  return encode_service()->encode(encoder, batch, first, last, &rejects, out, err);
}

static int hash_keys(struct record_keys *k, const struct sluice_encoded *e, struct record_key *out) {
  int code = SLUICE_OK;
  for (int64_t i = 0; i < e->rows && !code; i++) {
    size_t from = i ? e->ends[i - 1] : 0;
    out[i].plain = e->ends[i] > from;
    if (out[i].plain)
      code = hash(k, e->data + from, e->ends[i] - from, out[i].key, sizeof out[i].key);
  }
  return code;
}

static int hash_records(struct record_keys *k, const struct sluice_encoded *e, struct record_key *out) {
  int code = SLUICE_OK;
  for (int64_t i = 0; i < e->rows && !code; i++) {
    size_t from = i ? e->ends[i - 1] : 0;
    out[i].plain = out[i].plain && e->ends[i] > from;
    if (out[i].plain)
      code = hash(k, e->data + from, e->ends[i] - from, &out[i].fingerprint, sizeof out[i].fingerprint);
  }
  return code;
}

static void find_nulls(const struct record_keys *k, const struct ArrowArray *view, struct record_key *out) {
  for (int64_t i = 0; i < view->length; i++)
    out[i].null_column = NULL;
  for (size_t c = k->n; c-- > 0;)
    for (int64_t i = 0; i < view->length; i++)
      if (sluice_is_null(view->children[c], view->offset + i))
        out[i].null_column = k->names[c];
}

int record_keys_of(struct record_keys *k, const struct sluice_batch *batch, struct record_key *out,
                   struct sluice_error *err) {
  struct sluice_batch view = *batch; /* borrows all but the list of its columns */
  for (size_t i = 0; i < k->n; i++)
    k->parts[i] = batch->array.children[k->columns[i]];
  view.array.children = k->parts;
  view.array.n_children = (int64_t)k->n;
  find_nulls(k, &view.array, out);
  int code = SLUICE_OK;
  for (int64_t first = 0; first < batch->array.length && !code; first += STEP) {
    int64_t last = first + STEP < batch->array.length ? first + STEP : batch->array.length;
    struct sluice_encoded encoded;
    code = encode(k->key_encoder, &view, first, last, &encoded, err);
    if (!code)
      code = hash_keys(k, &encoded, out + first);
    if (!code)
      code = encode(k->record_encoder, batch, first, last, &encoded, err);
    if (!code)
      code = hash_records(k, &encoded, out + first);
  }
  return sluice_fail(err, code, "sync.key", "no memory for the keys");
}
