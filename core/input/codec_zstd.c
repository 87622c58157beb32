/* zstd (RFC 8878): frames and skippable frames, one after the other. */
#include "core/input/codec.h"
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG_MAX = 27 /* 128 MiB, what `zstd -d` takes without being asked */ };

struct zstd {
  ZSTD_DCtx *context;
  bool complete;
};

static bool zstd_match(const uint8_t *head, size_t n) {
  return n >= 4 && head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd;
}

static void zstd_close(void *self) {
  struct zstd *zstd = self;
  if (zstd)
    ZSTD_freeDCtx(zstd->context);
  free(zstd);
}

static void *zstd_open(void) {
  struct zstd *zstd = calloc(1, sizeof *zstd);
  if (!zstd)
    return NULL;
  zstd->context = ZSTD_createDCtx();
  if (zstd->context && !ZSTD_isError(ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
    return zstd;
  zstd_close(zstd);
  return NULL;
}

static bool zstd_step(void *self, struct codec_step *step) {
  struct zstd *zstd = self;
  if (step->in_size == 0 && zstd->complete)
    return true; /* without this a new frame would be begun */
  ZSTD_inBuffer in = {step->in, step->in_size, 0};
  ZSTD_outBuffer out = {step->out, step->out_size, 0};
  size_t rc = ZSTD_decompressStream(zstd->context, &out, &in);
  step->in += in.pos;
  step->in_size -= in.pos;
  step->out += out.pos;
  step->out_size -= out.pos;
  zstd->complete = rc == 0;
  if (ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
    return codec_no_memory(step);
  step->cause = ZSTD_isError(rc) ? ZSTD_getErrorName(rc) : NULL;
  return !ZSTD_isError(rc);
}

static bool zstd_complete(const void *self) {
  return ((const struct zstd *)self)->complete;
}

const struct codec codec_zstd = {"zstd", zstd_match, zstd_open, zstd_close, zstd_step, zstd_complete, NULL};
