/* The checksums that S3 can keep with an object. */
#include "checksum.h"
#include "synthetic.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

/* The CRCs are reflected: start and end with all bits turned. */
static const struct kind {
  const char *name, *digest; /* digest NULL: a CRC */
  uint64_t polynomial;
  unsigned bits;
} kinds[] = {
    {"crc32", NULL, 0xedb88320u, 32}, {"crc32c", NULL, 0x82f63b78u, 32}, {"crc64nvme", NULL, 0x9a6c9329ac4bc9b5u, 64},
    {"sha1", "SHA1", 0, 160},         {"sha256", "SHA256", 0, 256},
};

struct running {
  const struct kind *kind;
  uint64_t table[256], crc;
  EVP_MD_CTX *digest;
};

static const struct kind *find(const char *name) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, name) == 0)
      return &kinds[i];
  return NULL;
}

bool checksum_is_known(const char *name) {
  return find(name) != NULL;
}

static void fill_table(struct running *r) {
  for (uint64_t byte = 0; byte < 256; byte++) {
    uint64_t value = byte;
    for (int bit = 0; bit < 8; bit++)
      value = value & 1 ? value >> 1 ^ r->kind->polynomial : value >> 1;
    r->table[byte] = value;
  }
  r->crc = UINT64_MAX;
}

static bool start(struct running *r, const struct kind *kind) {
  *r = (struct running){.kind = kind};
  if (!kind->digest) {
    fill_table(r);
    if (kind->bits == 32)
      r->crc = UINT32_MAX;
    return true;
  }
  r->digest = EVP_MD_CTX_new();
  return r->digest && EVP_DigestInit_ex(r->digest, EVP_get_digestbyname(kind->digest), NULL) == 1;
}

static bool add(struct running *r, const char *bytes, size_t n) {
  if (r->digest)
    return EVP_DigestUpdate(r->digest, bytes, n) == 1;
  for (size_t i = 0; i < n; i++)
    r->crc = r->crc >> 8 ^ r->table[(r->crc ^ (unsigned char)bytes[i]) & 255];
  return true;
}

/* Big-endian, in base64. */
static bool end(struct running *r, char text[CHECKSUM_TEXT]) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = r->kind->bits / 8;
  if (r->digest && EVP_DigestFinal_ex(r->digest, out, NULL) != 1)
    return false;
  for (unsigned i = 0; i < size && !r->digest; i++)
    out[i] = (unsigned char)(~r->crc >> (8 * (size - 1 - i)));
  EVP_EncodeBlock((unsigned char *)text, out, (int)size);
  return true;
}

static bool read_block(const struct object *o, uint64_t at, char *to, size_t n) {
  if (o->synthetic) {
    synthetic_read(o->index, o->size, at, to, n);
    return true;
  }
  for (size_t done = 0; done < n;) {
    ssize_t got = pread(o->fd, to + done, n - done, (off_t)(at + done));
    if (got <= 0)
      return false;
    done += (size_t)got;
  }
  return true;
}

bool checksum_of(const char *name, const struct object *o, char text[CHECKSUM_TEXT]) {
  struct running r;
  const struct kind *kind = find(name);
  char *block = malloc(BLOCK);
  bool ok = kind && block && start(&r, kind);
  for (uint64_t at = 0; ok && at < o->size;) {
    size_t n = o->size - at < BLOCK ? (size_t)(o->size - at) : BLOCK;
    ok = read_block(o, at, block, n) && add(&r, block, n);
    at += n;
  }
  ok = ok && end(&r, text);
  if (kind && block)
    EVP_MD_CTX_free(r.digest);
  free(block);
  return ok;
}
