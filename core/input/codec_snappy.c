/* Framed snappy: chunks of a kind, a size and up to 64 KiB of content with its CRC-32C. Streams may follow each other.
 */
#include "core/input/codec.h"
#include <isa-l.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>

enum {
  HEADER = 4,
  CHECKSUM = 4,
  CONTENT_MAX = 64 * 1024,
  PACKED_MAX = CHECKSUM + 32 + CONTENT_MAX + CONTENT_MAX / 6, /* as snappy_max_compressed_length tells */
  KIND_PACKED = 0x00,
  KIND_PLAIN = 0x01,
  KIND_SKIPPABLE = 0x80, /* and all above */
  KIND_STREAM = 0xff,
};
static const uint8_t identifier[] = {'s', 'N', 'a', 'P', 'p', 'Y'};

struct snappy {
  uint8_t header[HEADER];
  size_t header_size;
  uint8_t chunk[PACKED_MAX];
  size_t chunk_size, chunk_end; /* what is there of it, and how much it has */
  size_t skip;                  /* bytes of a skippable chunk still to come */
  uint8_t content[CONTENT_MAX];
  const uint8_t *ready; /* content that was not handed out yet */
  size_t ready_size;
};

static bool snappy_match(const uint8_t *head, size_t n) {
  return n >= 10 && memcmp(head, "\xff\x06\0\0sNaPpY", 10) == 0;
}

static void *snappy_open(void) {
  return calloc(1, sizeof(struct snappy));
}

static size_t take(struct codec_step *step, uint8_t *to, size_t n) {
  size_t size = n < step->in_size ? n : step->in_size;
  if (to && size)
    memcpy(to, step->in, size);
  step->in += size;
  step->in_size -= size;
  return size;
}

static uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t masked_crc(const uint8_t *p, size_t n) {
  uint32_t crc = ~crc32_iscsi((unsigned char *)(uintptr_t)p, (int)n, 0xffffffffu);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

/* The header of a chunk is there: what follows it? */
static const char *begin_chunk(struct snappy *s) {
  size_t size = (size_t)s->header[1] | (size_t)s->header[2] << 8 | (size_t)s->header[3] << 16;
  uint8_t kind = s->header[0];
  s->chunk_size = s->chunk_end = s->skip = 0;
  if (kind == KIND_STREAM && size != sizeof identifier)
    return "the header of a stream is not right";
  if (kind >= KIND_SKIPPABLE && kind != KIND_STREAM) {
    s->skip = size;
    return NULL;
  }
  if (kind != KIND_STREAM && kind != KIND_PACKED && kind != KIND_PLAIN)
    return "there is a chunk of an unknown kind, or something behind the data that is not snappy";
  if (kind != KIND_STREAM && (size < CHECKSUM || size > (kind == KIND_PLAIN ? CHECKSUM + CONTENT_MAX : PACKED_MAX)))
    return "a chunk is too small or too large";
  s->chunk_end = size;
  return NULL;
}

/* The whole chunk is there: its content is made ready. */
static const char *end_chunk(struct snappy *s) {
  const uint8_t *data = s->chunk + CHECKSUM;
  size_t size = s->chunk_end - CHECKSUM, n = 0;
  if (s->header[0] == KIND_STREAM)
    return memcmp(s->chunk, identifier, sizeof identifier) == 0 ? NULL : "the header of a stream is not right";
  s->ready = data;
  s->ready_size = size;
  if (s->header[0] == KIND_PACKED) {
    if (snappy_uncompressed_length((const char *)data, size, &n) != SNAPPY_OK || n > CONTENT_MAX)
      return "the content of a chunk is too large";
    if (snappy_uncompress((const char *)data, size, (char *)s->content, &n) != SNAPPY_OK)
      return "a chunk is invalid";
    s->ready = s->content;
    s->ready_size = n;
  }
  return get32(s->chunk) == masked_crc(s->ready, s->ready_size) ? NULL : "incorrect checksum";
}

static void hand_out(struct snappy *s, struct codec_step *step) {
  size_t n = s->ready_size < step->out_size ? s->ready_size : step->out_size;
  if (n == 0)
    return;
  memcpy(step->out, s->ready, n);
  s->ready += n;
  s->ready_size -= n;
  step->out += n;
  step->out_size -= n;
}

/* Takes of one chunk what there is. */
static const char *read_chunk(struct snappy *s, struct codec_step *step) {
  if (s->header_size < HEADER) {
    s->header_size += take(step, s->header + s->header_size, HEADER - s->header_size);
    return s->header_size == HEADER ? begin_chunk(s) : NULL;
  }
  s->skip -= take(step, NULL, s->skip);
  s->chunk_size += take(step, s->chunk + s->chunk_size, s->chunk_end - s->chunk_size);
  return NULL;
}

static bool snappy_step(void *self, struct codec_step *step) {
  struct snappy *s = self;
  hand_out(s, step);
  while (s->ready_size == 0 && step->in_size > 0) {
    step->cause = read_chunk(s, step);
    bool whole = s->header_size == HEADER && s->skip == 0 && s->chunk_size == s->chunk_end;
    if (whole && !step->cause && s->chunk_end > 0)
      step->cause = end_chunk(s);
    if (step->cause) {
      s->ready_size = 0;
      return false;
    }
    if (whole)
      s->header_size = 0;
    hand_out(s, step);
  }
  return true;
}

static bool snappy_complete(const void *self) {
  const struct snappy *s = self;
  return s->header_size == 0 && s->ready_size == 0;
}

const struct codec codec_snappy = {"snappy", snappy_match, snappy_open, free, snappy_step, snappy_complete, NULL};
