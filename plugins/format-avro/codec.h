/* The codecs of blocks. */
#ifndef AVRO_CODEC_H
#define AVRO_CODEC_H
#include "avro.h"

struct avro_codec;
struct avro_plain { /* a block's bytes; AVRO_SYNC more can be read behind them */
  const uint8_t *data;
  size_t size;
};
typedef int avro_decode_fn(struct avro_codec *c, const uint8_t *in, size_t n, const char **why);
struct avro_codec {
  const char *name;
  avro_decode_fn *decode; /* NULL: blocks are as they are */
  void (*close)(struct avro_codec *c);
  void *state;
  size_t limit;             /* bytes of a block at most, decoded */
  struct sluice_buffer out; /* of the last block */
};

/* name: of avro.codec; size 0: "null". UNSUPPORTED names one that is not known. */
int avro_codec_open(struct avro_codec *c, const void *name, size_t size, size_t limit, const char *where,
                    struct sluice_error *err);
void avro_codec_close(struct avro_codec *c);
/* out belongs to the codec, until its next call, or is `in` itself, which has the sync marker behind it. DATA: *why
 * says what is wrong. */
int avro_codec_decode(struct avro_codec *c, const uint8_t *in, size_t n, struct avro_plain *out, const char **why);

/* For the codecs: room for more bytes, up to the limit and twice as many as before. DATA: over the limit. */
int avro_codec_grow(struct avro_codec *c, const char **why);
avro_decode_fn avro_decode_bzip2, avro_decode_xz, avro_decode_zstandard;
void avro_close_zstandard(struct avro_codec *c);

#endif
