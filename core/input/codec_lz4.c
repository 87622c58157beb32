/* lz4: frames and skippable frames, one after the other. */
#include "core/input/codec.h"
#include <lz4frame.h>
#include <stdlib.h>
#include <string.h>

struct lz4 {
  LZ4F_dctx *context;
  bool complete;
};

static bool lz4_match(const uint8_t *head, size_t n) {
  return n >= 4 && memcmp(head, "\x04\x22\x4d\x18", 4) == 0;
}

static void lz4_close(void *self) {
  struct lz4 *lz4 = self;
  if (lz4)
    LZ4F_freeDecompressionContext(lz4->context);
  free(lz4);
}

static void *lz4_open(void) {
  struct lz4 *lz4 = calloc(1, sizeof *lz4);
  if (!lz4 || !LZ4F_isError(LZ4F_createDecompressionContext(&lz4->context, LZ4F_VERSION)))
    return lz4;
  lz4_close(lz4);
  return NULL;
}

static bool failed(size_t rc, struct codec_step *step) {
  const char *name = LZ4F_getErrorName(rc);
  if (strcmp(name, "ERROR_allocation_failed") == 0)
    return codec_no_memory(step);
  step->cause = name;
  if (strcmp(name, "ERROR_frameType_unknown") == 0)
    step->cause = "there is something behind the last lz4 frame that is not lz4";
  return false;
}

static bool lz4_step(void *self, struct codec_step *step) {
  struct lz4 *lz4 = self;
  if (step->in_size == 0 && lz4->complete)
    return true; /* without this a new frame would be begun */
  size_t in = step->in_size, out = step->out_size;
  size_t rc = LZ4F_decompress(lz4->context, step->out, &out, step->in, &in, NULL);
  if (LZ4F_isError(rc))
    return failed(rc, step);
  step->in += in;
  step->in_size -= in;
  step->out += out;
  step->out_size -= out;
  lz4->complete = rc == 0;
  return true;
}

static bool lz4_complete(const void *self) {
  return ((const struct lz4 *)self)->complete;
}

const struct codec codec_lz4 = {"lz4", lz4_match, lz4_open, lz4_close, lz4_step, lz4_complete, NULL};
