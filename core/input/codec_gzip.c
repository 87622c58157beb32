/* gzip (RFC 1952): members one after the other, then zero bytes at most. */
#include "core/input/codec.h"
#include <stdlib.h>
#include <zlib.h>

enum { CHUNK_MAX = 1 << 30 /* zlib counts in unsigned int */ };
enum stage { IN_MEMBER, BETWEEN, PADDING };

struct gzip {
  z_stream stream;
  enum stage stage;
};

static bool gzip_match(const uint8_t *head, size_t n) {
  return n >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8;
}

static void *gzip_open(void) {
  struct gzip *gzip = calloc(1, sizeof *gzip);
  if (gzip && inflateInit2(&gzip->stream, 16 + MAX_WBITS) != Z_OK) {
    free(gzip);
    return NULL;
  }
  return gzip;
}

static void gzip_close(void *self) {
  struct gzip *gzip = self;
  if (gzip)
    inflateEnd(&gzip->stream);
  free(gzip);
}

/* Behind a member: zeros to the end, or the next member. */
static bool gzip_between(struct gzip *gzip, struct codec_step *step) {
  if (gzip->stage == BETWEEN && *step->in != 0) {
    step->cause = "there is something behind the last gzip member that is not gzip";
    if (*step->in != 0x1f || inflateReset(&gzip->stream) != Z_OK)
      return false;
    gzip->stage = IN_MEMBER;
    return true;
  }
  gzip->stage = PADDING;
  for (; step->in_size > 0 && *step->in == 0; step->in_size--)
    step->in++;
  step->cause = "there is something behind the zero bytes that pad the gzip data";
  return step->in_size == 0;
}

static bool gzip_step(void *self, struct codec_step *step) {
  struct gzip *gzip = self;
  z_stream *z = &gzip->stream;
  if (gzip->stage != IN_MEMBER)
    return step->in_size == 0 || gzip_between(gzip, step);
  size_t in = step->in_size < CHUNK_MAX ? step->in_size : CHUNK_MAX;
  size_t out = step->out_size < CHUNK_MAX ? step->out_size : CHUNK_MAX;
  z->next_in = (z_const Bytef *)step->in;
  z->avail_in = (uInt)in;
  z->next_out = step->out;
  z->avail_out = (uInt)out;
  int rc = inflate(z, Z_NO_FLUSH);
  step->in += in - z->avail_in;
  step->in_size -= in - z->avail_in;
  step->out += out - z->avail_out;
  step->out_size -= out - z->avail_out;
  if (rc == Z_STREAM_END)
    gzip->stage = BETWEEN;
  step->cause = z->msg ? z->msg : zError(rc);
  return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR;
}

static bool gzip_complete(const void *self) {
  return ((const struct gzip *)self)->stage != IN_MEMBER;
}

const struct codec codec_gzip = {"gzip", gzip_match, gzip_open, gzip_close, gzip_step, gzip_complete};
