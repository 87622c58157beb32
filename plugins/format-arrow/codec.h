/* Compressed buffers: LZ4 frames and Zstandard, with contexts that are kept from buffer to buffer. */
#ifndef ARROW_CODEC_H
#define ARROW_CODEC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum arrow_codec { ARROW_CODEC_NONE, ARROW_CODEC_LZ4, ARROW_CODEC_ZSTD };
struct arrow_codecs { /* zeroed is empty */
  void *lz4, *zstd;
};
void arrow_codecs_finish(struct arrow_codecs *codecs);
const char *arrow_codec_name(enum arrow_codec codec);
/* False: no such data can become so much. */
bool arrow_codec_possible(enum arrow_codec codec, size_t size, uint64_t claimed);
/* Makes exactly out_size bytes. NULL, or what is wrong; arrow_codec_no_memory if that is it. */
const char *arrow_codec_decode(struct arrow_codecs *codecs, enum arrow_codec codec, const void *data, size_t size,
                               void *out, size_t out_size);
extern const char arrow_codec_no_memory[];

#endif
