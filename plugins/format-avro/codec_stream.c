/* The codecs that are decoded piece by piece, for only the end tells their size: bzip2, xz, zstandard. */
#include "codec.h"
#include <bzlib.h>
#include <lzma.h>
#include <zstd.h>

enum { XZ_MEMORY = 128 << 20, ZSTD_WINDOW = 27 };

static const char no_memory[] = "no memory to decode it";

/* Where the next bytes go, and how many; grows where there is no room. */
static int find_room(struct avro_codec *c, uint8_t **at, size_t *n, const char **why) {
  size_t most = c->limit + AVRO_SYNC; /* what passes the limit by a byte is over it */
  int code = SLUICE_OK;
  if (c->out.capacity == c->out.size || c->out.size >= most)
    code = avro_codec_grow(c, why);
  if (code)
    return code;
  *at = c->out.data + c->out.size;
  *n = (c->out.capacity < most ? c->out.capacity : most) - c->out.size;
  return SLUICE_OK;
}

static int check_size(const struct avro_codec *c, const char **why) {
  if (c->out.size <= c->limit)
    return SLUICE_OK;
  *why = "it decodes to more than max_block";
  return SLUICE_ERR_DATA;
}

/* ---- bzip2 ---- */

static int step_bzip2(struct avro_codec *c, bz_stream *s, bool *done, const char **why) {
  uint8_t *at;
  size_t n;
  int code = find_room(c, &at, &n, why);
  if (code)
    return code;
  s->next_out = (char *)at;
  s->avail_out = (unsigned)n;
  int result = BZ2_bzDecompress(s);
  c->out.size += n - s->avail_out;
  *done = result == BZ_STREAM_END;
  *why = result == BZ_MEM_ERROR ? no_memory : "its bzip2 data is broken";
  if (result == BZ_MEM_ERROR)
    return SLUICE_ERR_MEMORY;
  bool stuck = result == BZ_OK && s->avail_in == 0 && s->avail_out > 0;
  return (result == BZ_OK || *done) && !stuck ? check_size(c, why) : SLUICE_ERR_DATA;
}

int avro_decode_bzip2(struct avro_codec *c, const uint8_t *in, size_t n, const char **why) {
  bz_stream s = {.next_in = (char *)in, .avail_in = (unsigned)n};
  bool done = false;
  int code = SLUICE_OK;
  *why = no_memory;
  if (BZ2_bzDecompressInit(&s, 0, 0) != BZ_OK)
    return SLUICE_ERR_MEMORY;
  while (!done && !code)
    code = step_bzip2(c, &s, &done, why);
  BZ2_bzDecompressEnd(&s);
  return code;
}

/* ---- xz ---- */

static int step_xz(struct avro_codec *c, lzma_stream *s, bool *done, const char **why) {
  uint8_t *at;
  size_t n;
  int code = find_room(c, &at, &n, why);
  if (code)
    return code;
  s->next_out = at;
  s->avail_out = n;
  lzma_ret result = lzma_code(s, LZMA_FINISH);
  c->out.size += n - s->avail_out;
  *done = result == LZMA_STREAM_END;
  if (result == LZMA_MEM_ERROR || result == LZMA_MEMLIMIT_ERROR) {
    *why = result == LZMA_MEM_ERROR ? no_memory : "its xz data needs more than 128 MiB to decode";
    return result == LZMA_MEM_ERROR ? SLUICE_ERR_MEMORY : SLUICE_ERR_DATA;
  }
  *why = "its xz data is broken";
  return result == LZMA_OK || *done ? check_size(c, why) : SLUICE_ERR_DATA;
}

int avro_decode_xz(struct avro_codec *c, const uint8_t *in, size_t n, const char **why) {
  lzma_stream s = LZMA_STREAM_INIT;
  bool done = false;
  int code = SLUICE_OK;
  *why = no_memory;
  if (lzma_auto_decoder(&s, XZ_MEMORY, 0) != LZMA_OK)
    return SLUICE_ERR_MEMORY;
  s.next_in = in;
  s.avail_in = n;
  while (!done && !code)
    code = step_xz(c, &s, &done, why);
  lzma_end(&s);
  return code;
}

/* ---- zstandard ---- */

static int begin_zstandard(struct avro_codec *c, const uint8_t *in, size_t n, const char **why) {
  *why = no_memory;
  if (!c->state)
    c->state = ZSTD_createDCtx();
  if (!c->state)
    return SLUICE_ERR_MEMORY;
  ZSTD_DCtx_reset(c->state, ZSTD_reset_session_only);
  ZSTD_DCtx_setParameter(c->state, ZSTD_d_windowLogMax, ZSTD_WINDOW);
  unsigned long long size = ZSTD_getFrameContentSize(in, n);
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > c->limit)
    return SLUICE_OK; /* what it is, is found out step by step */
  return sluice_buffer_reserve(&c->out, (size_t)size + AVRO_SYNC) == SLUICE_OK ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

/* Frames may follow one another. *left: bytes that the frame at work still needs; 0: it is at its end. */
static int step_zstandard(struct avro_codec *c, ZSTD_inBuffer *source, size_t *left, const char **why) {
  uint8_t *at;
  size_t n;
  int code = find_room(c, &at, &n, why);
  if (code)
    return code;
  ZSTD_outBuffer sink = {at, n, 0};
  *left = ZSTD_decompressStream(c->state, &sink, source);
  c->out.size += sink.pos;
  *why = "its zstandard data is broken";
  if (ZSTD_isError(*left) || (*left && source->pos == source->size && sink.pos < sink.size))
    return SLUICE_ERR_DATA;
  return check_size(c, why);
}

int avro_decode_zstandard(struct avro_codec *c, const uint8_t *in, size_t n, const char **why) {
  ZSTD_inBuffer source = {in, n, 0};
  size_t left = 1;
  int code = begin_zstandard(c, in, n, why);
  while (!code && (left || source.pos < source.size))
    code = step_zstandard(c, &source, &left, why);
  return code;
}

void avro_close_zstandard(struct avro_codec *c) {
  ZSTD_freeDCtx(c->state);
}
