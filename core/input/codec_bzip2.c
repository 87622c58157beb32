/* bzip2: streams one after the other, each behind a header of 4 bytes. */
#include "core/input/codec.h"
#include <bzlib.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_MAX = 1 << 30 /* it counts in unsigned int */ };

struct bzip2 {
  bz_stream stream;
  enum codec_stage stage;
  bool opened;
};

/* A table may begin with "BZh9" as text, so what follows the header counts too: a block, or the end of the stream. */
static bool bzip2_match(const uint8_t *head, size_t n) {
  static const uint8_t block[] = {0x31, 0x41, 0x59, 0x26, 0x53, 0x59}, end[] = {0x17, 0x72, 0x45, 0x38, 0x50, 0x90};
  return n >= 10 && memcmp(head, "BZh", 3) == 0 && head[3] >= '1' && head[3] <= '9' &&
         (memcmp(head + 4, block, sizeof block) == 0 || memcmp(head + 4, end, sizeof end) == 0);
}

static bool begin(struct bzip2 *bzip2) {
  if (bzip2->opened)
    BZ2_bzDecompressEnd(&bzip2->stream);
  memset(&bzip2->stream, 0, sizeof bzip2->stream);
  bzip2->opened = BZ2_bzDecompressInit(&bzip2->stream, 0, 0) == BZ_OK;
  bzip2->stage = CODEC_IN_MEMBER;
  return bzip2->opened;
}

static void bzip2_close(void *self) {
  struct bzip2 *bzip2 = self;
  if (bzip2 && bzip2->opened)
    BZ2_bzDecompressEnd(&bzip2->stream);
  free(bzip2);
}

static void *bzip2_open(void) {
  struct bzip2 *bzip2 = calloc(1, sizeof *bzip2);
  if (!bzip2 || begin(bzip2))
    return bzip2;
  bzip2_close(bzip2);
  return NULL;
}

static const char *cause_of(int rc) {
  if (rc == BZ_DATA_ERROR_MAGIC)
    return "the header of a stream is not right";
  return rc == BZ_DATA_ERROR ? "a block is invalid, or its checksum is incorrect" : "it makes no sense";
}

static bool bzip2_between(struct bzip2 *bzip2, struct codec_step *step) {
  step->cause = "there is something behind the last bzip2 stream that is not bzip2";
  if (*step->in != 'B')
    return false;
  return begin(bzip2) || codec_no_memory(step);
}

static bool bzip2_step(void *self, struct codec_step *step) {
  struct bzip2 *bzip2 = self;
  bz_stream *z = &bzip2->stream;
  if (bzip2->stage != CODEC_IN_MEMBER)
    return step->in_size == 0 || bzip2_between(bzip2, step);
  size_t in = step->in_size < CHUNK_MAX ? step->in_size : CHUNK_MAX;
  size_t out = step->out_size < CHUNK_MAX ? step->out_size : CHUNK_MAX;
  z->next_in = (char *)(uintptr_t)step->in; /* it does not write there */
  z->avail_in = (unsigned)in;
  z->next_out = (char *)step->out;
  z->avail_out = (unsigned)out;
  int rc = BZ2_bzDecompress(z);
  step->in += in - z->avail_in;
  step->in_size -= in - z->avail_in;
  step->out += out - z->avail_out;
  step->out_size -= out - z->avail_out;
  if (rc == BZ_MEM_ERROR)
    return codec_no_memory(step);
  if (rc == BZ_STREAM_END)
    bzip2->stage = CODEC_BETWEEN;
  step->cause = cause_of(rc);
  return rc == BZ_OK || rc == BZ_STREAM_END;
}

static bool bzip2_complete(const void *self) {
  return ((const struct bzip2 *)self)->stage != CODEC_IN_MEMBER;
}

const struct codec codec_bzip2 = {"bzip2", bzip2_match, bzip2_open, bzip2_close, bzip2_step, bzip2_complete, NULL};
