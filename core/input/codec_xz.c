/* xz: streams one after the other; zero bytes, always four, may stand behind each. */
#include "core/input/codec.h"
#include <lzma.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 192 << 20 /* `xz -9` needs 65 MiB; dictionaries over about 190 MiB are refused */ };

struct xz {
  lzma_stream stream;
  enum codec_stage stage;
  unsigned padding; /* zero bytes behind a stream, modulo 4 */
};

static bool xz_match(const uint8_t *head, size_t n) {
  return n >= 6 && memcmp(head,
                          "\xfd"
                          "7zXZ",
                          6) == 0;
}

static bool begin(struct xz *xz) {
  xz->stage = CODEC_IN_MEMBER;
  return lzma_stream_decoder(&xz->stream, MEMORY_MAX, LZMA_TELL_UNSUPPORTED_CHECK) == LZMA_OK;
}

static void xz_close(void *self) {
  struct xz *xz = self;
  if (xz)
    lzma_end(&xz->stream);
  free(xz);
}

static void *xz_open(void) {
  struct xz *xz = calloc(1, sizeof *xz);
  if (!xz || begin(xz))
    return xz;
  xz_close(xz);
  return NULL;
}

static const char *cause_of(lzma_ret rc) {
  switch (rc) {
  case LZMA_MEMLIMIT_ERROR:
    return "its dictionary is too large: 192 MiB are the most that is used; pack it with xz -9 or less";
  case LZMA_UNSUPPORTED_CHECK:
    return "its checksum is of an unknown kind";
  case LZMA_OPTIONS_ERROR:
    return "it uses a filter that is unknown";
  case LZMA_FORMAT_ERROR:
    return "the header of a stream is not right";
  default:
    return "a block is invalid, or its checksum is incorrect";
  }
}

static bool xz_between(struct xz *xz, struct codec_step *step) {
  for (; step->in_size > 0 && *step->in == 0; step->in_size--) {
    step->in++;
    xz->padding = (xz->padding + 1) % 4;
  }
  if (step->in_size == 0)
    return true;
  step->cause = "there is something behind the last xz stream that is not xz";
  if (xz->padding != 0 || *step->in != 0xfd)
    return false;
  return begin(xz) || codec_no_memory(step);
}

static bool xz_step(void *self, struct codec_step *step) {
  struct xz *xz = self;
  lzma_stream *z = &xz->stream;
  if (xz->stage != CODEC_IN_MEMBER)
    return xz_between(xz, step);
  z->next_in = step->in;
  z->avail_in = step->in_size;
  z->next_out = step->out;
  z->avail_out = step->out_size;
  lzma_ret rc = lzma_code(z, LZMA_RUN);
  step->in = z->next_in;
  step->in_size = z->avail_in;
  step->out = z->next_out;
  step->out_size = z->avail_out;
  if (rc == LZMA_MEM_ERROR)
    return codec_no_memory(step);
  if (rc == LZMA_STREAM_END)
    xz->stage = CODEC_BETWEEN;
  step->cause = cause_of(rc);
  return rc == LZMA_OK || rc == LZMA_STREAM_END || (rc == LZMA_BUF_ERROR && step->in_size == 0);
}

static bool xz_complete(const void *self) {
  const struct xz *xz = self;
  return xz->stage != CODEC_IN_MEMBER && xz->padding == 0;
}

const struct codec codec_xz = {"xz", xz_match, xz_open, xz_close, xz_step, xz_complete, NULL};
