/* Finds the one member of a zip archive by the directory at the archive's end. */
#include "core/input/zip.h"
#include <sluice/arrow.h>
#include <stdlib.h>
#include <string.h>

enum {
  END_SIZE = 22, /* the end record, without its comment */
  LOCATOR_SIZE = 20,
  END64_SIZE = 56,
  TAIL = 64 * 1024 + END_SIZE + LOCATOR_SIZE,
  ENTRY_SIZE = 46, /* without name, extra and comment */
  LOCAL_SIZE = 30,
  ENTRIES_MAX = 1000, /* that are looked at: folders */
  FLAG_ENCRYPTED = 1,
};

struct archive {
  struct sluice_input *in;
  const char *part;
  int64_t at, count; /* the next entry of the directory, and how many there are */
  int64_t directory; /* where it begins: behind all members */
};

static uint32_t get16(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}
static uint32_t get32(const uint8_t *p) {
  return get16(p) | get16(p + 2) << 16;
}
/* Sizes and offsets; what no file can have becomes -1. */
static int64_t get64(const uint8_t *p) {
  uint64_t value = get32(p) | (uint64_t)get32(p + 4) << 32;
  return value > INT64_MAX ? -1 : (int64_t)value;
}

static int damaged(const struct archive *a, int64_t offset, const char *what, struct sluice_error *err) {
  sluice_fail(err, SLUICE_ERR_DATA, a->part, "zip data is damaged at byte %lld: %s", (long long)offset, what);
  if (err)
    err->offset = offset;
  return SLUICE_ERR_DATA;
}

static int read_exactly(const struct archive *a, int64_t offset, uint8_t *buf, size_t n, const char *what,
                        struct sluice_error *err) {
  size_t got = 0;
  if (offset < 0 || offset > a->in->size || (int64_t)n > a->in->size - offset)
    return damaged(a, offset < 0 ? 0 : offset, what, err);
  int rc = a->in->read_at(a->in, offset, buf, n, &got, err);
  return rc == SLUICE_OK && got < n ? damaged(a, offset, what, err) : rc;
}

/* ---- the end record ---- */

/* Where the end record is in the tail; -1: nowhere. */
static int64_t find_end(const uint8_t *tail, size_t n) {
  for (size_t at = n; at >= END_SIZE; at--) {
    const uint8_t *p = tail + at - END_SIZE;
    if (memcmp(p, "PK\5\6", 4) == 0 && get16(p + 20) <= n - at)
      return (int64_t)(at - END_SIZE);
  }
  return -1;
}

static int read_end64(struct archive *a, int64_t at, struct sluice_error *err) {
  static const char *const what = "its zip64 end record is not right";
  uint8_t end[END64_SIZE];
  int rc = read_exactly(a, at, end, sizeof end, what, err);
  if (rc != SLUICE_OK)
    return rc;
  if (memcmp(end, "PK\6\6", 4) != 0 || get32(end + 16) != 0 || get32(end + 20) != 0)
    return damaged(a, at, what, err);
  a->count = get64(end + 32);
  a->at = get64(end + 48);
  return SLUICE_OK;
}

static int read_end(struct archive *a, struct sluice_error *err) {
  size_t n = a->in->size < TAIL ? (size_t)a->in->size : TAIL;
  int64_t start = a->in->size - (int64_t)n;
  uint8_t *tail = malloc(n + 1);
  if (!tail)
    return sluice_fail(err, SLUICE_ERR_MEMORY, a->part, "no memory for decompression");
  int rc = read_exactly(a, start, tail, n, "it cannot be read to its end", err);
  int64_t at = rc == SLUICE_OK ? find_end(tail, n) : -1;
  const uint8_t *end = tail + (at < 0 ? 0 : at);
  if (rc == SLUICE_OK && at < 0)
    rc = damaged(a, a->in->size, "the directory at its end is not there; the file was cut", err);
  else if (rc == SLUICE_OK && get16(end + 4) != 0 && get16(end + 4) != UINT16_MAX)
    rc = sluice_fail(err, SLUICE_ERR_UNSUPPORTED, a->part, "one of several files of a zip archive; join them first");
  else if (rc == SLUICE_OK && at >= LOCATOR_SIZE && memcmp(end - LOCATOR_SIZE, "PK\6\7", 4) == 0)
    rc = read_end64(a, get64(end - LOCATOR_SIZE + 8), err);
  else if (rc == SLUICE_OK) {
    a->count = get16(end + 10);
    a->at = get32(end + 16);
  }
  a->directory = a->at;
  free(tail);
  return rc;
}

/* ---- the entries ---- */

/* Sizes and places that do not fit in 32 bits stand in an extra field, in this order, each only if it is needed. */
static bool read_zip64(const uint8_t *extra, size_t n, struct zip_member *m) {
  int64_t *const values[] = {&m->size, &m->packed_size, &m->header};
  for (size_t at = 0; at + 4 <= n;) {
    size_t size = get16(extra + at + 2), used = at + 4;
    if (size > n - at - 4)
      return false;
    for (size_t i = 0; get16(extra + at) == 1 && i < 3; i++) {
      if (*values[i] != UINT32_MAX)
        continue;
      if (used + 8 > at + 4 + size)
        return false;
      *values[i] = get64(extra + used);
      used += 8;
    }
    at += 4 + size;
  }
  return m->size >= 0 && m->packed_size >= 0 && m->header >= 0;
}

/* A name as a message can show it. */
static void copy_name(const uint8_t *name, size_t n, char *out) {
  size_t size = n < ZIP_NAME_MAX ? n : ZIP_NAME_MAX;
  for (size_t i = 0; i < size; i++)
    out[i] = (char)(name[i] < 0x20 || name[i] == 0x7f ? '?' : name[i]);
  out[size] = 0;
  size_t valid = sluice_utf8_valid(out, size);
  for (size_t i = valid; i < size; i++)
    out[i] = (char)((uint8_t)out[i] < 0x80 ? out[i] : '?');
}

static bool is_file(const uint8_t *name, size_t n) {
  static const char added[] = "__MACOSX/";
  return n > 0 && name[n - 1] != '/' && (n < sizeof added - 1 || memcmp(name, added, sizeof added - 1) != 0);
}

/* Reads the next entry; *file: it is more than a folder, and *out is filled. */
static int read_entry(struct archive *a, bool *file, struct zip_member *out, struct sluice_error *err) {
  static const char *const what = "its directory is not right";
  uint8_t entry[ENTRY_SIZE];
  int rc = read_exactly(a, a->at, entry, sizeof entry, what, err);
  if (rc != SLUICE_OK)
    return rc;
  if (memcmp(entry, "PK\1\2", 4) != 0)
    return damaged(a, a->at, what, err);
  size_t name = get16(entry + 28), extra = get16(entry + 30), comment = get16(entry + 32);
  uint8_t *rest = malloc(name + extra + 1);
  if (!rest)
    return sluice_fail(err, SLUICE_ERR_MEMORY, a->part, "no memory for decompression");
  *out = (struct zip_member){.flags = get16(entry + 8),
                             .method = get16(entry + 10),
                             .crc = get32(entry + 16),
                             .packed_size = get32(entry + 20),
                             .size = get32(entry + 24),
                             .header = get32(entry + 42)};
  rc = read_exactly(a, a->at + ENTRY_SIZE, rest, name + extra, what, err);
  if (rc == SLUICE_OK && !read_zip64(rest + name, extra, out))
    rc = damaged(a, a->at, what, err);
  if (rc == SLUICE_OK) {
    copy_name(rest, name, out->name);
    *file = is_file(rest, name);
    a->at += (int64_t)(ENTRY_SIZE + name + extra + comment);
  }
  free(rest);
  return rc;
}

/* *found: how many files there are, at most 2; the first is *out. */
static int read_directory(struct archive *a, size_t *found, struct zip_member *out, struct zip_member *second,
                          struct sluice_error *err) {
  int64_t count = a->count < ENTRIES_MAX ? a->count : ENTRIES_MAX;
  *found = 0;
  for (int64_t i = 0; i < count && *found < 2; i++) {
    struct zip_member member;
    bool file = false;
    int rc = read_entry(a, &file, &member, err);
    if (rc != SLUICE_OK)
      return rc;
    if (file)
      *(*found == 0 ? out : second) = member;
    *found += file;
  }
  if (a->count > ENTRIES_MAX && *found < 2)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, a->part,
                       "a zip archive of %lld entries; extract the file that is wanted from it", (long long)a->count);
  return SLUICE_OK;
}

/* ---- the member ---- */

static const char *method_name(unsigned method) {
  static const struct {
    unsigned method;
    const char *name;
  } names[] = {{1, "shrink"}, {6, "implode"}, {9, "deflate64"}, {12, "bzip2"}, {14, "lzma"},
               {93, "zstd"},  {95, "xz"},     {98, "ppmd"},     {99, "AES"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].method == method)
      return names[i].name;
  return "an unknown method";
}

static int check_member(const struct archive *a, const struct zip_member *m, struct sluice_error *err) {
  if (m->flags & FLAG_ENCRYPTED)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, a->part,
                       "'%s' in this zip archive is encrypted; extract it with its password first", m->name);
  if (m->method != ZIP_STORED && m->method != ZIP_DEFLATE)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, a->part,
                       "'%s' in this zip archive is packed by %s (method %u), and only stored and deflated files are "
                       "read; extract it first",
                       m->name, method_name(m->method), m->method);
  if (m->method == ZIP_STORED && m->size != m->packed_size)
    return damaged(a, m->header, "a stored file with two sizes", err);
  return SLUICE_OK;
}

/* Where the content is, only the header before it tells. */
static int find_data(const struct archive *a, struct zip_member *m, struct sluice_error *err) {
  static const char *const what = "the header of the file in it is not right";
  uint8_t local[LOCAL_SIZE];
  int rc = read_exactly(a, m->header, local, sizeof local, what, err);
  if (rc != SLUICE_OK)
    return rc;
  if (memcmp(local, "PK\3\4", 4) != 0 || get16(local + 8) != m->method)
    return damaged(a, m->header, what, err);
  m->data = m->header + LOCAL_SIZE + (int64_t)get16(local + 26) + (int64_t)get16(local + 28);
  if (m->data > a->directory || m->packed_size > a->directory - m->data)
    return damaged(a, m->header, "the file in it is longer than the archive", err);
  return SLUICE_OK;
}

int zip_find_member(struct sluice_input *in, const char *part, struct zip_member *out, struct sluice_error *err) {
  struct archive archive = {.in = in, .part = part};
  struct zip_member member, second;
  size_t found = 0;
  if (in->size < 0)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, part, "a zip archive whose size is unknown; extract it first");
  int rc = read_end(&archive, err);
  if (rc == SLUICE_OK)
    rc = read_directory(&archive, &found, &member, &second, err);
  if (rc != SLUICE_OK)
    return rc;
  if (found == 0)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, part, "a zip archive without any file in it");
  if (found > 1)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, part,
                       "a zip archive of several files, such as '%s' and '%s'; extract the one that is wanted",
                       member.name, second.name);
  rc = check_member(&archive, &member, err);
  if (rc == SLUICE_OK)
    rc = find_data(&archive, &member, err);
  if (rc == SLUICE_OK)
    *out = member;
  return rc;
}
