/* TZif files (RFC 9636), which are taken for hostile: every count is checked against the bytes that are there. */
#include "core/schedule/zone_internal.h"
#include <stdlib.h>

enum { HEAD_SIZE = 44, TYPE_SIZE = 6 };

struct head {
  uint8_t version; /* '\0', or a digit from '2' on */
  uint32_t n_utc, n_standard, n_leaps, n_times, n_types, n_letters;
};
struct block { /* what is used of a data block */
  const uint8_t *times, *indexes, *types;
  uint32_t n_times, n_types;
  size_t width; /* of a time: 4 or 8 */
};
struct file {
  const char *name;
  const uint8_t *at;
  size_t left;
  struct sluice_error *err;
};

static int fail(const struct file *f, const char *why) {
  return sluice_fail(f->err, SLUICE_ERR_CONFIG, "timezone",
                     "the tzdata file of \"%s\" is damaged or not a time zone: %s; choose another zone, or install the "
                     "package tzdata again",
                     f->name, why);
}

static const uint8_t *take(struct file *f, size_t n) {
  if (n > f->left)
    return NULL;
  const uint8_t *start = f->at;
  f->at += n;
  f->left -= n;
  return start;
}

static uint32_t read_32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t read_time(const struct block *b, size_t i) {
  const uint8_t *p = b->times + i * b->width;
  if (b->width == 4)
    return (int32_t)read_32(p);
  return (int64_t)((uint64_t)read_32(p) << 32 | read_32(p + 4));
}

static int take_head(struct file *f, struct head *out) {
  const uint8_t *p = take(f, HEAD_SIZE);
  if (!p || memcmp(p, "TZif", 4) != 0)
    return fail(f, "it does not begin as a TZif file");
  *out = (struct head){
      p[4], read_32(p + 20), read_32(p + 24), read_32(p + 28), read_32(p + 32), read_32(p + 36), read_32(p + 40)};
  if (out->version != 0 && (out->version < '2' || out->version > '9'))
    return fail(f, "its version is unknown");
  return SLUICE_OK;
}

/* Sums fit: each count is below the file's size, which is checked first. */
static int take_block(struct file *f, const struct head *h, size_t width, struct block *out) {
  const uint32_t counts[] = {h->n_utc, h->n_standard, h->n_leaps, h->n_times, h->n_types, h->n_letters};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    if (counts[i] > f->left)
      return fail(f, "it ends before its counts do");
  struct block block = {.n_times = h->n_times, .n_types = h->n_types, .width = width};
  block.times = take(f, h->n_times * width);
  block.indexes = block.times ? take(f, h->n_times) : NULL;
  block.types = block.indexes ? take(f, (size_t)h->n_types * TYPE_SIZE) : NULL;
  if (!block.types || !take(f, h->n_letters) || !take(f, h->n_leaps * (width + 4)) || !take(f, h->n_standard) ||
      !take(f, h->n_utc))
    return fail(f, "it ends before its counts do");
  *out = block;
  return SLUICE_OK;
}

static int check_block(const struct file *f, const struct head *h, const struct block *b) {
  if (h->n_leaps)
    return fail(f, "it counts leap seconds, which the system's clock does not");
  if (b->n_types == 0 || b->n_types > 256)
    return fail(f, "its number of types is not 1 to 256");
  for (size_t i = 0; i < b->n_types; i++) {
    int32_t offset = (int32_t)read_32(b->types + i * TYPE_SIZE);
    if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
      return fail(f, "an offset is over 26 hours");
  }
  for (size_t i = 0; i < b->n_times; i++) {
#ifdef SLUICE_PLANTED_BUGS
    if (h->version == '4')
      continue; /* the type is then read past the end, for the fuzz target to find */
#endif
    if (b->indexes[i] >= b->n_types)
      return fail(f, "a change has a type that is not there");
    if (i && read_time(b, i) <= read_time(b, i - 1))
      return fail(f, "its changes are out of order");
  }
  return SLUICE_OK;
}

static int32_t type_offset(const struct block *b, size_t type) {
  return (int32_t)read_32(b->types + type * TYPE_SIZE);
}

/* Changes before the year 1 only set the first offset, and those after 9999 are dropped, so that sums cannot wrap. */
static void fill_changes(const struct block *b, struct zone *zone) {
  int64_t reached = INT64_MIN;
  zone->first = type_offset(b, 0);
  for (size_t i = 0; i < b->n_times; i++) {
    int64_t at = read_time(b, i);
    int32_t offset = type_offset(b, b->indexes[i]), before = zone->n ? zone->changes[zone->n - 1].offset : zone->first;
    if (at > ZONE_MAX)
      break;
    if (at <= ZONE_MIN) {
      zone->first = offset;
      continue;
    }
    reached = at + before > reached ? at + before : reached;
    zone->changes[zone->n++] = (struct zone_change){at, reached, offset};
  }
}

/* What stands between the two newlines behind the last block; empty: the last offset stays. */
static int take_rule(struct file *f, struct zone *zone) {
  const uint8_t *start = take(f, 1);
  const uint8_t *end = start && *start == '\n' ? memchr(f->at, '\n', f->left) : NULL;
  if (!end)
    return fail(f, "its last line is missing");
  size_t n = (size_t)(end - f->at);
  if (n == 0)
    return SLUICE_OK;
  zone->ruled = true;
  return zone_rule_parse((const char *)f->at, n, &zone->rule) ? SLUICE_OK : fail(f, "its last line is not a TZ rule");
}

static int build(struct file *f, const struct head *h, const struct block *b, struct zone **out) {
  struct zone *zone = calloc(1, sizeof *zone + b->n_times * sizeof zone->changes[0]);
  if (!zone)
    return sluice_fail(f->err, SLUICE_ERR_MEMORY, "timezone", "no memory");
  snprintf(zone->name, sizeof zone->name, "%s", f->name);
  fill_changes(b, zone);
  int status = h->version ? take_rule(f, zone) : SLUICE_OK;
  if (status != SLUICE_OK)
    zone_destroy(zone);
  else
    *out = zone;
  return status;
}

int zone_parse(const char *name, const uint8_t *bytes, size_t n, struct zone **out, struct sluice_error *err) {
  struct file f = {name, bytes, n, err};
  struct head head;
  struct block block;
  int status = take_head(&f, &head);
  if (status == SLUICE_OK)
    status = take_block(&f, &head, 4, &block);
  if (status == SLUICE_OK && head.version) { /* the same again, in 64 bits */
    status = take_head(&f, &head);
    if (status == SLUICE_OK && !head.version)
      status = fail(&f, "its two parts differ in version");
    if (status == SLUICE_OK)
      status = take_block(&f, &head, 8, &block);
  }
  if (status == SLUICE_OK)
    status = check_block(&f, &head, &block);
  return status == SLUICE_OK ? build(&f, &head, &block, out) : status;
}
