/* gzip (RFC 1952): members one after the other, then zero bytes at most. */
#include "core/input/inflate.h"
#include <stdlib.h>

struct gzip {
  struct inflate inflate;
  enum codec_stage stage;
};

static bool gzip_match(const uint8_t *head, size_t n) {
  return n >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8;
}

static void *gzip_open(void) {
  struct gzip *gzip = calloc(1, sizeof *gzip);
  if (gzip)
    inflate_begin(&gzip->inflate, ISAL_GZIP);
  return gzip;
}

/* Behind a member: zeros to the end, or the next member. */
static bool gzip_between(struct gzip *gzip, struct codec_step *step) {
  if (gzip->stage == CODEC_BETWEEN && *step->in != 0) {
    step->cause = "there is something behind the last gzip member that is not gzip";
    if (*step->in != 0x1f)
      return false;
    inflate_again(&gzip->inflate);
    gzip->stage = CODEC_IN_MEMBER;
    return true;
  }
  gzip->stage = CODEC_PADDING;
  for (; step->in_size > 0 && *step->in == 0; step->in_size--)
    step->in++;
  step->cause = "there is something behind the zero bytes that pad the gzip data";
  return step->in_size == 0;
}

static bool gzip_step(void *self, struct codec_step *step) {
  struct gzip *gzip = self;
  if (gzip->stage != CODEC_IN_MEMBER)
    return step->in_size == 0 || gzip_between(gzip, step);
  bool ok = inflate_some(&gzip->inflate, step);
  if (inflate_ended(&gzip->inflate))
    gzip->stage = CODEC_BETWEEN;
  return ok;
}

static bool gzip_complete(const void *self) {
  return ((const struct gzip *)self)->stage != CODEC_IN_MEMBER;
}

const struct codec codec_gzip = {"gzip", gzip_match, gzip_open, free, gzip_step, gzip_complete, NULL};
