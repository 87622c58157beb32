/* zip with one member, stored or deflated; its size and checksum are those of the directory. */
#include "core/input/inflate.h"
#include "core/input/zip.h"
#include <stdlib.h>
#include <string.h>

struct zip {
  struct inflate inflate;
  struct zip_member member;
  int64_t taken, made;
  uint32_t crc;
};

static bool zip_match(const uint8_t *head, size_t n) {
  return n >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
}

static void *zip_open(void) {
  struct zip *zip = calloc(1, sizeof *zip);
  if (zip)
    inflate_begin(&zip->inflate, ISAL_DEFLATE);
  return zip;
}

static int zip_locate(void *self, struct sluice_input *in, const char *part, struct sluice_range *out,
                      struct sluice_error *err) {
  struct zip *zip = self;
  int rc = zip_find_member(in, part, &zip->member, err);
  if (rc == SLUICE_OK)
    *out = (struct sluice_range){zip->member.data, zip->member.packed_size};
  return rc;
}

static bool copy_some(struct codec_step *step) {
  size_t n = step->in_size < step->out_size ? step->in_size : step->out_size;
  memcpy(step->out, step->in, n);
  step->in += n;
  step->in_size -= n;
  step->out += n;
  step->out_size -= n;
  return true;
}

/* The deflated data ended, or all that was stored is there. */
static bool at_end(const struct zip *zip) {
  return zip->member.method == ZIP_STORED ? zip->taken == zip->member.packed_size : inflate_ended(&zip->inflate);
}

static const char *wrong(const struct zip *zip, const struct codec_step *step) {
  if (zip->made > zip->member.size)
    return "it has more content than its directory tells";
  if (!at_end(zip))
    return NULL;
  if (step->in_size > 0 || zip->inflate.state.read_in_length >= 8)
    return "there is something behind the deflated data";
  if (zip->made < zip->member.size)
    return "it has less content than its directory tells";
  return zip->crc == zip->member.crc ? NULL : "incorrect checksum";
}

static bool zip_step(void *self, struct codec_step *step) {
  struct zip *zip = self;
  const uint8_t *in = step->in, *out = step->out;
  step->cause = "there is something behind the deflated data";
  if (at_end(zip))
    return step->in_size == 0;
  bool ok = zip->member.method == ZIP_STORED ? copy_some(step) : inflate_some(&zip->inflate, step);
  size_t made = (size_t)(step->out - out);
  zip->taken += step->in - in;
  zip->made += (int64_t)made;
  zip->crc = crc32_gzip_refl(zip->crc, out, made);
  if (!ok)
    return false;
  step->cause = wrong(zip, step);
  return !step->cause;
}

static bool zip_complete(const void *self) {
  const struct zip *zip = self;
  return at_end(zip) && zip->made == zip->member.size && zip->crc == zip->member.crc;
}

const struct codec codec_zip = {"zip", zip_match, zip_open, free, zip_step, zip_complete, zip_locate};
