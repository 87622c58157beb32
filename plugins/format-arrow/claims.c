/* Limits on what takes few bytes in a file and much in memory. */
#include "claims.h"

enum { FREE_BYTES = 128 << 20, UNSEEN_BYTES = 256 << 20, RATIO = 64 };
static const int64_t most_bytes = (int64_t)4 << 30;

/* Bytes of the file that are at work: no two messages have the same. */
static int64_t bytes_read(const struct arrow_loader *loader, const struct arrow_batch *b) {
  return loader->kept_read + b->read;
}

/* Without max_batch: a large batch is large in the file too, a bomb is not. */
static int64_t most_made(const struct arrow_loader *loader, const struct arrow_batch *b) {
  int64_t read = bytes_read(loader, b);
  if (loader->config->max_batch > 0)
    return loader->config->max_batch;
  return read > (most_bytes - FREE_BYTES) / RATIO ? most_bytes : FREE_BYTES + RATIO * read;
}

static int too_much(const struct arrow_loading *l, int64_t made) {
  const struct arrow_loader *loader = l->loader;
  long long at = l->batch->message->offset, most = most_made(loader, l->batch);
  if (loader->config->max_batch > 0)
    return sluice_fail(
        l->err, SLUICE_ERR_DATA, loader->source.part,
        "the batch at byte %lld would take at least %lld bytes decompressed, with its dictionaries; raise "
        "max_batch, which is %lld, to read it",
        at, (long long)made, most);
  return sluice_fail(l->err, SLUICE_ERR_DATA, loader->source.part,
                     "the batch at byte %lld would take at least %lld bytes decompressed, with its dictionaries, "
                     "of %lld in the file; %lld are read of so few (128 MiB and %d times as many): set max_batch to "
                     "what it may take if it is meant",
                     at, (long long)made, (long long)bytes_read(loader, l->batch), most, RATIO);
}

int arrow_claim_made(struct arrow_loading *l, int64_t n) {
  struct arrow_batch *b = l->batch;
  int64_t before = l->loader->kept_made + b->made;
  if (n > most_made(l->loader, b) - before)
    return too_much(l, n > INT64_MAX - before ? INT64_MAX : before + n);
  b->made += n;
  return SLUICE_OK;
}

int arrow_claim_moved(struct arrow_loading *l, int64_t n) {
  struct arrow_batch *b = l->batch;
  if (n > FREE_BYTES + b->read + b->made - b->moved)
    return arrow_load_fail(l, "buffers of the record batch overlap: they have more bytes than its body");
  b->moved += n;
  return SLUICE_OK;
}

int arrow_claim_body(const struct arrow_loader *loader, const struct arrow_message *m, int64_t n,
                     struct sluice_error *err) {
  int64_t most = loader->config->max_batch > 0 ? loader->config->max_batch : UNSEEN_BYTES;
  if (loader->source.input->size >= 0 || n <= most - loader->kept_read)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_DATA, loader->source.part,
                     "the batch at byte %lld has %lld bytes beside %lld of dictionaries; of a file whose size is not "
                     "known, for it is compressed as a whole, %lld are read: set max_batch to what it may take if it "
                     "is meant",
                     (long long)m->offset, (long long)n, (long long)loader->kept_read, (long long)most);
}

int arrow_claim_end(const struct arrow_loader *loader, const struct arrow_batch *b, struct sluice_error *err) {
  const struct arrow_message *m = b->message;
  uint8_t last;
  size_t got = 1;
  int rc = SLUICE_OK;
  if (loader->source.input->size < 0 && m->body_size > b->read)
    rc = arrow_bytes_peek(&loader->source, m->body + m->body_size - 1, &last, 1, &got, err);
  return rc || got ? rc : arrow_message_fail(&loader->source, m, "it is cut short", err);
}

int arrow_claim_rows(struct arrow_loader *loader, const struct arrow_batch *b, struct sluice_error *err) {
  int64_t n = b->length > b->longest ? b->length : b->longest, limit = loader->config->max_empty_rows;
  int64_t bytes = b->message->body_size > INT64_MAX / 32 ? INT64_MAX / 32 : b->message->body_size;
  int64_t backed = 8 * (bytes + (b->made > INT64_MAX / 32 ? INT64_MAX / 32 : b->made));
  int64_t more = n > backed ? n - backed : 0;
  if (more > limit - loader->free_rows)
    return sluice_fail(err, SLUICE_ERR_DATA, loader->source.part,
                       "the batch at byte %lld has %lld rows or items in %lld bytes; over %lld that no byte "
                       "stands for are not read: raise max_empty_rows if they are meant",
                       (long long)b->message->offset, (long long)n, (long long)b->message->body_size, (long long)limit);
  loader->free_rows += more;
  return SLUICE_OK;
}
