/* The identity of a unit: a hash of all that decides its batches. Equal identities make equal requests with equal keys,
 * so this must never change for what older versions wrote. */
#include "core/ledger/internal.h"
#include <openssl/evp.h>

/* Each number is 8 bytes, little-endian; each text its length as a number, then its bytes. */
static bool add_number(EVP_MD_CTX *hash, int64_t number) {
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++)
    bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
  return EVP_DigestUpdate(hash, bytes, sizeof bytes) == 1;
}

static bool add_text(EVP_MD_CTX *hash, const char *text) {
  size_t n = strlen(text);
  return add_number(hash, (int64_t)n) && EVP_DigestUpdate(hash, text, n) == 1;
}

static bool add_position(EVP_MD_CTX *hash, const struct sluice_position *p) {
  return add_number(hash, p->row) && add_number(hash, p->offset) && add_number(hash, p->detail[0]) &&
         add_number(hash, p->detail[1]);
}

static bool add_parts(EVP_MD_CTX *hash, const struct ledger_unit *unit) {
  if (!add_number(hash, (int64_t)unit->n_parts))
    return false;
  for (size_t i = 0; i < unit->n_parts; i++)
    if (!add_text(hash, unit->parts[i].name) || !add_text(hash, unit->parts[i].version))
      return false;
  return true;
}

/* What is delivered once more shall not be taken for a repeat. Nothing is added for what never was. */
static bool add_repeats(EVP_MD_CTX *hash, const struct ledger_unit *unit) {
  bool again = unit->generation != 0;
  for (size_t i = 0; i < unit->n_parts; i++)
    again = again || unit->parts[i].era != 0;
  if (!again)
    return true;
  bool ok = add_text(hash, "again") && add_number(hash, unit->generation);
  for (size_t i = 0; i < unit->n_parts && ok; i++)
    ok = add_number(hash, unit->parts[i].era);
  return ok;
}

static bool add_all(EVP_MD_CTX *hash, const char *delivery, const struct ledger_unit *unit, const char *decode_hash,
                    const char *output_hash) {
  return EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 && add_text(hash, delivery) && add_parts(hash, unit) &&
         add_position(hash, &unit->begin) && add_position(hash, &unit->end) && add_number(hash, unit->batch_rows) &&
         add_number(hash, unit->batch_bytes) && add_number(hash, unit->schema) && add_text(hash, decode_hash) &&
         add_text(hash, output_hash) && add_repeats(hash, unit);
}

static bool digest(const char *delivery, const struct ledger_unit *unit, const char *decode_hash,
                   const char *output_hash, uint8_t out[EVP_MAX_MD_SIZE]) {
  EVP_MD_CTX *hash = EVP_MD_CTX_new();
  bool ok = hash && add_all(hash, delivery, unit, decode_hash, output_hash) && EVP_DigestFinal_ex(hash, out, NULL) == 1;
  EVP_MD_CTX_free(hash);
  return ok;
}

int ledger_identity(struct ledger *l, int64_t delivery, const struct ledger_unit *unit, const char *decode_hash,
                    const char *output_hash, char out[65], struct sluice_error *err) {
  static const char hex[] = "0123456789abcdef";
  uint8_t bytes[EVP_MAX_MD_SIZE];
  sqlite3_stmt *row = NULL;
  int rc = ledger_db_query(&l->db, LEDGER_DELIVERY_TEXT_SQL, VALUES(NUMBER(delivery)), &row, err);
  if (rc == SLUICE_OK)
    rc = ledger_db_step(&l->db, row, err);
  if (rc == SLUICE_END)
    return sluice_fail(err, SLUICE_ERR_BUG, l->db.path, "no delivery %lld", (long long)delivery);
  if (rc != SLUICE_OK)
    return rc;
  if (!digest(ledger_db_text(row, 0), unit, decode_hash, output_hash, bytes))
    return sluice_fail(err, SLUICE_ERR_MEMORY, l->db.path, "cannot hash a unit");
  for (int i = 0; i < 32; i++) {
    out[2 * i] = hex[bytes[i] >> 4];
    out[2 * i + 1] = hex[bytes[i] & 15];
  }
  out[64] = 0;
  return SLUICE_OK;
}
