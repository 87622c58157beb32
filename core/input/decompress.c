/* An input that undoes the compression of another one, as a stream. */
#include "core/input/codec.h"
#include "core/input/input.h"
#include <stdlib.h>

enum { CHUNK = 128 * 1024, HEAD = 1 << 20, SKIP = 64 * 1024, SKIPPABLE_MAX = 16 };

/* Bytes of the output that can be read again: those of the head, or those made by a call that then failed. */
struct kept {
  uint8_t *data;
  int64_t start;
  size_t size;
};

struct decompress {
  struct sluice_input inner;
  const struct codec *codec;
  void *state;
  char *part;
  uint8_t
      *chunk; /* CHUNK bytes of compressed data, behind CODEC_BACK bytes that were before: [at, end) are to be taken */
  size_t at, end;
  int64_t chunk_offset, asked; /* of chunk[0] in the input; up to where will_need was told */
  int64_t data_end;            /* where the compressed data ends, at the latest */
  bool inner_ended, full;      /* full: the last step filled its output, so more may be held back */
  int64_t position;            /* bytes made so far */
  struct kept kept;
  bool head_over; /* more than the head was read */
  int status;
  struct sluice_error error; /* with status: what every later call gives too */
};

/* Tells a slow input what will be read: a window ahead, in pieces of half of it. */
static void ask_ahead(struct decompress *d, int64_t from) {
  struct sluice_input *in = &d->inner;
  int64_t window = in->window < CHUNK ? CHUNK : in->window, last = in->size < d->data_end ? in->size : d->data_end;
  if (!in->will_need || in->size < 0 || d->asked >= last || d->asked - from > window / 2)
    return;
  int64_t start = d->asked > from ? d->asked : from, end = from > last - window ? last : from + window;
  struct sluice_range ranges[64];
  size_t count = 0;
  for (; start < end && count < sizeof ranges / sizeof *ranges; start += CHUNK, count++)
    ranges[count] = (struct sluice_range){start, end - start < CHUNK ? end - start : CHUNK};
  d->asked = start < end ? start : end;
  if (count)
    in->will_need(in, ranges, count);
}

static int refill(struct decompress *d, struct sluice_error *err) {
  int64_t next = d->chunk_offset + (int64_t)d->end;
  ask_ahead(d, next);
  size_t wanted = d->data_end - next < CHUNK ? (size_t)(d->data_end - next) : CHUNK, got = 0;
  memmove(d->chunk, d->chunk + d->end - CODEC_BACK, CODEC_BACK);
  d->chunk_offset = next - CODEC_BACK;
  d->at = d->end = CODEC_BACK;
  int rc = wanted ? d->inner.read_at(&d->inner, next, d->chunk + CODEC_BACK, wanted, &got, err) : SLUICE_OK;
  if (rc != SLUICE_OK)
    return rc;
  d->end += got;
  d->inner_ended = got < CHUNK;
  return SLUICE_OK;
}

/* Damage stays, and so does the end of memory in the midst of a step: every later call gives the same error. */
static int damaged(struct decompress *d, int code, const char *cause, struct sluice_error *err) {
  long long offset = (long long)(d->chunk_offset + (int64_t)d->at);
  d->status = code;
  sluice_fail(&d->error, code, d->part, "%s data %s at compressed byte %lld, after %lld bytes of content: %s",
              d->codec->name, code == SLUICE_ERR_DATA ? "is damaged" : "cannot be read on", offset,
              (long long)d->position, cause);
  d->error.offset = offset;
  if (err && !err->message[0])
    *err = d->error;
  return d->status;
}

static int step(struct decompress *d, uint8_t *out, size_t n, size_t *made, struct sluice_error *err) {
  struct codec_step s = {d->chunk + d->at, d->end - d->at, out, n, NULL, SLUICE_ERR_DATA};
  bool ok = d->codec->step(d->state, &s);
  d->at = d->end - s.in_size;
  *made = n - s.out_size;
  d->position += (int64_t)*made;
  d->full = s.out_size == 0;
  return ok ? SLUICE_OK : damaged(d, s.code, s.cause, err);
}

/* Makes up to n bytes; fewer only at the end or with an error. *made is right in every case. */
static int produce(struct decompress *d, uint8_t *out, size_t n, size_t *made, struct sluice_error *err) {
  *made = 0;
  while (*made < n) {
    if (d->status != SLUICE_OK) {
      if (err && !err->message[0])
        *err = d->error;
      return d->status;
    }
    int rc = SLUICE_OK;
    if (d->at == d->end && !d->full && !d->inner_ended)
      rc = refill(d, err);
    if (rc != SLUICE_OK)
      return rc;
    bool starved = d->at == d->end && !d->full;
    if (starved && d->codec->complete(d->state))
      return SLUICE_OK;
    if (starved)
      return damaged(d, SLUICE_ERR_DATA, "it ends too early; the file was cut", err);
    size_t more;
    rc = step(d, out + *made, n - *made, &more, err);
    *made += more;
    if (rc != SLUICE_OK)
      return rc;
  }
  return SLUICE_OK;
}

/* Lets the head grow to `end`, at most to its full size. */
static int fill_head(struct decompress *d, int64_t end, struct sluice_error *err) {
  size_t wanted = end > HEAD ? HEAD : (size_t)end, made = 0;
  if (d->head_over || wanted <= d->kept.size)
    return SLUICE_OK;
  if (!d->kept.data)
    d->kept.data = malloc(HEAD);
  if (!d->kept.data)
    return sluice_fail(err, SLUICE_ERR_MEMORY, d->part, "no memory for decompression");
  int rc = produce(d, d->kept.data + d->kept.size, wanted - d->kept.size, &made, err);
  d->kept.size += made;
  return rc;
}

static void drop_kept(struct decompress *d) {
  free(d->kept.data);
  d->kept = (struct kept){0};
  d->head_over = true;
}

/* Keeps what was made before an error, so that the call can be made again. */
static void keep(struct decompress *d, const uint8_t *bytes, size_t n) {
  drop_kept(d);
  uint8_t *data = n ? malloc(n) : NULL;
  if (!data)
    return;
  memcpy(data, bytes, n);
  d->kept = (struct kept){data, d->position - (int64_t)n, n};
}

static size_t copy_kept(const struct decompress *d, int64_t offset, uint8_t *out, size_t n) {
  int64_t end = d->kept.start + (int64_t)d->kept.size;
  if (offset < d->kept.start || offset >= end)
    return 0;
  size_t rest = (size_t)(end - offset), size = n < rest ? n : rest;
  memcpy(out, d->kept.data + (offset - d->kept.start), size);
  return size;
}

/* Decompresses and forgets up to `offset`. */
static int skip_to(struct decompress *d, int64_t offset, struct sluice_error *err) {
  uint8_t *waste = malloc(SKIP);
  int rc = waste ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, d->part, "no memory for decompression");
  size_t made = 1;
  while (rc == SLUICE_OK && d->position < offset && made > 0) {
    int64_t rest = offset - d->position;
    rc = produce(d, waste, rest < SKIP ? (size_t)rest : SKIP, &made, err);
  }
  free(waste);
  return rc;
}

/* Reads from where the stream stands; *got is right in every case. */
static int read_on(struct decompress *d, int64_t offset, uint8_t *out, size_t n, size_t *got,
                   struct sluice_error *err) {
  *got = 0;
  if (n == 0)
    return SLUICE_OK;
  if (offset < d->position)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, d->part,
                       "compressed data can only be read forward: byte %lld was asked for after byte %lld",
                       (long long)offset, (long long)d->position);
  int rc = offset > d->position ? skip_to(d, offset, err) : SLUICE_OK;
  if (rc != SLUICE_OK || d->position < offset)
    return rc;
  return produce(d, out, n, got, err);
}

static int decompress_read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                              struct sluice_error *err) {
  struct decompress *d = in->private_data;
  if (offset < 0 || n > INT64_MAX || offset > INT64_MAX - (int64_t)n)
    return sluice_fail(err, SLUICE_ERR_BUG, d->part, "read of %zu bytes at %lld", n, (long long)offset);
  int rc = fill_head(d, offset + (int64_t)n, err);
  if (rc != SLUICE_OK)
    return rc;
  size_t copied = copy_kept(d, offset, buf, n), more;
  rc = read_on(d, offset + (int64_t)copied, (uint8_t *)buf + copied, n - copied, &more, err);
  if (more > 0 && rc == SLUICE_OK)
    drop_kept(d); /* at the end, where nothing more is made, the head stays */
  if (more > 0 && rc != SLUICE_OK)
    keep(d, buf, copied + more);
  if (rc == SLUICE_OK)
    *got = copied + more;
  return rc;
}

static void decompress_destroy(struct decompress *d) {
  if (!d)
    return;
  d->codec->close(d->state);
  free(d->kept.data);
  free(d->chunk);
  free(d->part);
  free(d);
}

static void decompress_release(struct sluice_input *in) {
  struct decompress *d = in->private_data;
  d->inner.release(&d->inner);
  decompress_destroy(d);
  memset(in, 0, sizeof *in);
}

static const struct codec *find_codec(const uint8_t *head, size_t n) {
  static const struct codec *const codecs[] = {&codec_gzip, &codec_zstd,   &codec_bzip2, &codec_xz,
                                               &codec_lz4,  &codec_snappy, &codec_zip};
  for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
    if (codecs[i]->match(head, n))
      return codecs[i];
  return NULL;
}

/* Skippable frames may begin zstd and lz4 alike: the first frame behind them tells; if there is none, zstd takes them.
 */
static int look_at_head(struct sluice_input *in, const struct codec **out, struct sluice_error *err) {
  uint8_t head[CODEC_MAGIC];
  size_t got = 0;
  int64_t at = 0;
  int rc = in->read_at(in, 0, head, sizeof head, &got, err);
  bool skippable = rc == SLUICE_OK && codec_is_skippable(head, got);
  for (int i = 0; i < SKIPPABLE_MAX && rc == SLUICE_OK && got >= 8 && codec_is_skippable(head, got); i++) {
    at += 8 + ((int64_t)head[4] | (int64_t)head[5] << 8 | (int64_t)head[6] << 16 | (int64_t)head[7] << 24);
    rc = in->read_at(in, at, head, sizeof head, &got, err);
  }
  if (rc == SLUICE_OK)
    *out = skippable && !codec_lz4.match(head, got) ? &codec_zstd : find_codec(head, got);
  return rc;
}

static int create(const struct codec *codec, const char *part, struct decompress **out, struct sluice_error *err) {
  struct decompress *d = calloc(1, sizeof *d);
  if (!d)
    return sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory for decompression");
  d->codec = codec;
  d->data_end = INT64_MAX;
  d->state = codec->open();
  d->part = strdup(part ? part : "");
  d->chunk = malloc(CODEC_BACK + CHUNK);
  d->at = d->end = CODEC_BACK;
  d->chunk_offset = -CODEC_BACK;
  if (!d->state || !d->part || !d->chunk) {
    decompress_destroy(d);
    return sluice_fail(err, SLUICE_ERR_MEMORY, part, "no memory for decompression");
  }
  memset(d->chunk, 0, CODEC_BACK);
  *out = d;
  return SLUICE_OK;
}

static int locate(struct decompress *d, struct sluice_input *in, struct sluice_error *err) {
  struct sluice_range range;
  int rc = d->codec->locate(d->state, in, d->part, &range, err);
  if (rc != SLUICE_OK)
    return rc;
  d->chunk_offset = range.offset - CODEC_BACK;
  d->asked = range.offset;
  d->data_end = range.offset + range.size;
  return SLUICE_OK;
}

int input_decompress(struct sluice_input *in, const char *part, struct sluice_input *out, struct sluice_error *err) {
  const struct codec *codec;
  struct decompress *d = NULL;
  int rc = look_at_head(in, &codec, err);
  if (rc != SLUICE_OK)
    return rc;
  if (!codec) {
    *out = *in;
    return SLUICE_OK;
  }
  rc = create(codec, part, &d, err);
  if (rc != SLUICE_OK)
    return rc;
  if (codec->locate)
    rc = locate(d, in, err);
  if (rc != SLUICE_OK) {
    decompress_destroy(d);
    return rc;
  }
  d->inner = *in;
  *out = (struct sluice_input){-1, 0, decompress_read_at, NULL, NULL, decompress_release, d};
  return SLUICE_OK;
}
