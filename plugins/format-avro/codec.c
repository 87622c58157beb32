/* Choosing a codec; snappy and deflate, which are decoded in one go. */
#include "codec.h"
#include <libdeflate.h>
#include <snappy-c.h>

static const char no_memory[] = "no memory to decode it";

int avro_codec_grow(struct avro_codec *c, const char **why) {
  size_t held = c->out.capacity, more = held < 64 * 1024 ? 64 * 1024 : held;
  if (held >= c->limit + AVRO_SYNC) {
    *why = "it decodes to more than max_block";
    return SLUICE_ERR_DATA;
  }
  if (more > c->limit + AVRO_SYNC - held)
    more = c->limit + AVRO_SYNC - held;
  if (sluice_buffer_reserve(&c->out, held - c->out.size + more) == SLUICE_OK)
    return SLUICE_OK;
  *why = no_memory;
  return SLUICE_ERR_MEMORY;
}

static size_t room(const struct avro_codec *c) {
  size_t held = c->out.capacity > AVRO_SYNC ? c->out.capacity - AVRO_SYNC : 0;
  return held < c->limit ? held : c->limit;
}

/* ---- snappy ---- */

static bool has_checksum(const struct avro_codec *c, const uint8_t *at) {
  uint32_t told = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
  return libdeflate_crc32(0, c->out.data, c->out.size) == told;
}

static int decode_snappy(struct avro_codec *c, const uint8_t *in, size_t n, const char **why) {
  size_t size = 0;
  *why = "its snappy data is broken";
  if (n < 4 || snappy_uncompressed_length((const char *)in, n - 4, &size) != SNAPPY_OK)
    return SLUICE_ERR_DATA;
  if (size > c->limit) {
    *why = "it decodes to more than max_block";
    return SLUICE_ERR_DATA;
  }
  if (sluice_buffer_reserve(&c->out, size + AVRO_SYNC) != SLUICE_OK) {
    *why = no_memory;
    return SLUICE_ERR_MEMORY;
  }
  if (snappy_uncompress((const char *)in, n - 4, (char *)c->out.data, &size) != SNAPPY_OK)
    return SLUICE_ERR_DATA;
  c->out.size = size;
  *why = "its checksum does not fit: the data is broken";
  return has_checksum(c, in + n - 4) ? SLUICE_OK : SLUICE_ERR_DATA;
}

/* ---- deflate ---- */

static int decode_deflate(struct avro_codec *c, const uint8_t *in, size_t n, const char **why) {
  if (!c->state)
    c->state = libdeflate_alloc_decompressor();
  if (!c->state) {
    *why = no_memory;
    return SLUICE_ERR_MEMORY;
  }
  for (;;) {
    size_t size = 0;
    enum libdeflate_result result = room(c) || !c->limit
                                        ? libdeflate_deflate_decompress(c->state, in, n, c->out.data, room(c), &size)
                                        : LIBDEFLATE_INSUFFICIENT_SPACE;
    c->out.size = result == LIBDEFLATE_SUCCESS ? size : 0;
    *why = "its deflate data is broken";
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
      return result == LIBDEFLATE_SUCCESS ? SLUICE_OK : SLUICE_ERR_DATA;
    int code = avro_codec_grow(c, why);
    if (code)
      return code;
  }
}

static void close_deflate(struct avro_codec *c) {
  libdeflate_free_decompressor(c->state);
}

/* ---- all ---- */

struct known {
  const char *name;
  avro_decode_fn *decode;
  void (*close)(struct avro_codec *c);
};
static const struct known all[] = {{"null", NULL, NULL},
                                   {"deflate", decode_deflate, close_deflate},
                                   {"snappy", decode_snappy, NULL},
                                   {"bzip2", avro_decode_bzip2, NULL},
                                   {"xz", avro_decode_xz, NULL},
                                   {"zstandard", avro_decode_zstandard, avro_close_zstandard}};

int avro_codec_open(struct avro_codec *c, const void *name, size_t size, size_t limit, const char *where,
                    struct sluice_error *err) {
  *c = (struct avro_codec){.name = "null", .limit = limit, .out.limit = limit + 2 * AVRO_SYNC};
  if (size == 0)
    return SLUICE_OK;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (size != strlen(all[i].name) || memcmp(name, all[i].name, size) != 0)
      continue;
    c->name = all[i].name;
    c->decode = all[i].decode;
    c->close = all[i].close;
    return SLUICE_OK;
  }
  char shown[40] = "";
  for (size_t i = 0; i < size && i < sizeof shown - 1; i++) {
    char letter = ((const char *)name)[i];
    shown[i] = letter >= 0x20 && letter < 0x7f ? letter : '?';
  }
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, where,
                     "its codec is \"%s\"; null, deflate, snappy, bzip2, xz and zstandard are read", shown);
}

void avro_codec_close(struct avro_codec *c) {
  if (c->state)
    c->close(c);
  sluice_buffer_free(&c->out);
  *c = (struct avro_codec){0};
}

int avro_codec_decode(struct avro_codec *c, const uint8_t *in, size_t n, struct avro_plain *out, const char **why) {
  *out = (struct avro_plain){in, n};
  if (!c->decode)
    return SLUICE_OK;
  c->out.size = 0;
  int code = c->decode(c, in, n, why);
  if (!code && c->out.capacity - c->out.size < AVRO_SYNC && sluice_buffer_reserve(&c->out, AVRO_SYNC) != SLUICE_OK) {
    *why = no_memory;
    code = SLUICE_ERR_MEMORY;
  }
  if (code)
    return code;
  memset(c->out.data + c->out.size, 0, AVRO_SYNC);
  *out = (struct avro_plain){c->out.data, c->out.size};
  return SLUICE_OK;
}
