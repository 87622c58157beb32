/* LZ4 frames and Zstandard. */
#include "codec.h"
#include <lz4frame.h>
#include <zstd.h>

const char arrow_codec_no_memory[] = "no memory";

void arrow_codecs_finish(struct arrow_codecs *c) {
  if (c->lz4)
    LZ4F_freeDecompressionContext(c->lz4);
  ZSTD_freeDCtx(c->zstd);
  *c = (struct arrow_codecs){0};
}

const char *arrow_codec_name(enum arrow_codec codec) {
  return codec == ARROW_CODEC_LZ4 ? "lz4" : codec == ARROW_CODEC_ZSTD ? "zstd" : "none";
}

/* LZ4 needs a byte for 255; a Zstandard block of four bytes makes up to 128 KiB. */
bool arrow_codec_possible(enum arrow_codec codec, size_t size, uint64_t claimed) {
  uint64_t most = codec == ARROW_CODEC_LZ4 ? 255 : 32768;
  return claimed / most <= size;
}

static const char *decode_lz4(struct arrow_codecs *c, const uint8_t *data, size_t size, uint8_t *out, size_t out_size) {
  static const LZ4F_decompressOptions_t options = {.stableDst = 1};
  LZ4F_dctx *context = c->lz4;
  if (!context && LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
    return arrow_codec_no_memory;
  c->lz4 = context;
  LZ4F_resetDecompressionContext(context);
  for (size_t hint = 1; hint != 0;) {
    size_t taken = size, made = out_size;
    hint = LZ4F_decompress(context, out, &made, data, &taken, &options);
    if (LZ4F_isError(hint))
      return LZ4F_getErrorName(hint);
    data += taken;
    size -= taken;
    out += made;
    out_size -= made;
    if (hint && !taken && !made)
      return out_size ? "it ends too early" : "it is longer than it says";
  }
  return out_size ? "it is shorter than it says" : NULL;
}

static const char *decode_zstd(struct arrow_codecs *c, const void *data, size_t size, void *out, size_t out_size) {
  if (!c->zstd)
    c->zstd = ZSTD_createDCtx();
  if (!c->zstd)
    return arrow_codec_no_memory;
  size_t made = ZSTD_decompressDCtx(c->zstd, out, out_size, data, size);
  if (ZSTD_isError(made))
    return ZSTD_getErrorName(made);
  return made == out_size ? NULL : "it is shorter than it says";
}

const char *arrow_codec_decode(struct arrow_codecs *c, enum arrow_codec codec, const void *data, size_t size, void *out,
                               size_t out_size) {
  return codec == ARROW_CODEC_LZ4 ? decode_lz4(c, data, size, out, out_size)
                                  : decode_zstd(c, data, size, out, out_size);
}
