/* What the HTTP sink needs of a host, without a host. */
#include "fake_host.h"
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct fake_encoding fake_encoding;

struct encoder {
  char *data;
  size_t size, capacity, *ends;
};

static int encoder_open(const char *format, const struct sluice_map *options, const struct ArrowSchema *schema,
                        void **encoder, struct sluice_error *err) {
  (void)options, (void)schema;
  if (strcmp(format, "ndjson") != 0)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, "", "only ndjson");
  *encoder = calloc(1, sizeof(struct encoder));
  return *encoder ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static void encoder_close(void *self) {
  struct encoder *encoder = self;
  if (!encoder)
    return;
  free(encoder->data);
  free(encoder->ends);
  free(encoder);
}

static int reject_row(const struct sluice_batch *batch, int64_t row, struct sluice_rejects *rejects) {
  struct sluice_reject reject = {
      .struct_size = sizeof reject, .seq = batch->seq, .row = row, .offset = -1, .reason = "no encoding"};
  return rejects->add(rejects, &reject, NULL);
}

static int add_row(struct encoder *encoder, int64_t number) {
  size_t need = encoder->size + 64 + (size_t)fake_encoding.pad;
  if (need > encoder->capacity) {
    char *data = realloc(encoder->data, need * 2);
    if (!data)
      return SLUICE_ERR_MEMORY;
    encoder->data = data;
    encoder->capacity = need * 2;
  }
  int n = snprintf(encoder->data + encoder->size, 64, "{\"n\":%lld,\"pad\":\"", (long long)number);
  encoder->size += (size_t)n;
  memset(encoder->data + encoder->size, 'x', (size_t)fake_encoding.pad);
  encoder->size += (size_t)fake_encoding.pad;
  memcpy(encoder->data + encoder->size, "\"}\n", 3);
  encoder->size += 3;
  return SLUICE_OK;
}

static int encode(void *self, const struct sluice_batch *batch, int64_t first, int64_t last,
                  struct sluice_rejects *rejects, struct sluice_encoded *out, struct sluice_error *err) {
  (void)err;
  struct encoder *encoder = self;
  size_t *ends = reallocarray(encoder->ends, (size_t)(last - first + 1), sizeof *ends);
  if (!ends)
    return SLUICE_ERR_MEMORY;
  encoder->ends = ends;
  encoder->size = 0;
  for (int64_t row = first; row < last; row++) {
    int64_t number = batch->first_row + row;
    bool empty = fake_encoding.empty_every > 0 && number % fake_encoding.empty_every == 0;
    int status = empty ? reject_row(batch, row, rejects) : add_row(encoder, number);
    if (status != SLUICE_OK)
      return status;
    ends[row - first] = encoder->size;
  }
  *out = (struct sluice_encoded){(const uint8_t *)encoder->data, encoder->size, ends, last - first};
  return SLUICE_OK;
}

static const struct sluice_encode encode_service = {
    .struct_size = sizeof encode_service, .open = encoder_open, .close = encoder_close, .encode = encode};

static const void *service(const struct sluice_host *host, const char *id) {
  const struct fake_host *fake = (const struct fake_host *)host->context;
  if (strcmp(id, SLUICE_ENCODE) != 0)
    return NULL;
  return fake->encode ? fake->encode : &encode_service;
}

static void keep_log(const struct sluice_host *host, int level, const char *message) {
  (void)level;
  struct fake_host *fake = (struct fake_host *)host->context;
  size_t used = strlen(fake->log);
  snprintf(fake->log + used, sizeof fake->log - used, "%s\n", message);
}

static int cancelled(const struct sluice_host *host) {
  return ((struct fake_host *)host->context)->cancel;
}

static int cancel_fd(const struct sluice_host *host) {
  return ((struct fake_host *)host->context)->cancel_fd;
}

static int secret(const struct sluice_host *host, struct sluice_secret handle, char *buf, size_t size,
                  struct sluice_error *err) {
  struct fake_host *fake = host->context;
  const char *text = handle.handle == FAKE_TOKEN ? fake->token : fake->password;
  if (!text)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "", "no such secret");
  snprintf(buf, size, "%s", text);
  return SLUICE_OK;
}

void fake_host_init(struct fake_host *fake) {
  memset(fake, 0, sizeof *fake);
  fake->cancel_fd = eventfd(0, EFD_CLOEXEC);
  fake->host = (struct sluice_host){.struct_size = sizeof fake->host,
                                    .context = fake,
                                    .job = "test",
                                    .sink = "http",
                                    .run = "1",
                                    .log = keep_log,
                                    .cancelled = cancelled,
                                    .cancel_fd = cancel_fd,
                                    .secret = secret,
                                    .service = service};
}

void fake_host_cancel(struct fake_host *fake) {
  fake->cancel = true;
  eventfd_write(fake->cancel_fd, 1);
}

void fake_host_finish(struct fake_host *fake) {
  close(fake->cancel_fd);
}

static int add_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  struct fake_rejects *fake = (struct fake_rejects *)(void *)rejects;
  if (fake->answer != SLUICE_OK)
    return sluice_fail(err, fake->answer, "", "too many rejects");
  if (fake->count < FAKE_REJECTS_MAX) {
    fake->rows[fake->count] = reject->row;
    fake->seqs[fake->count] = reject->seq;
  }
  fake->count++;
  snprintf(fake->reason, sizeof fake->reason, "%s", reject->reason);
  return SLUICE_OK;
}

void fake_rejects_init(struct fake_rejects *fake) {
  memset(fake, 0, sizeof *fake);
  fake->rejects.add = add_reject;
}

static void release_nothing(struct ArrowArray *array) {
  array->release = NULL;
}

struct sluice_batch fake_batch(int64_t seq, int64_t first_row, int64_t rows) {
  return (struct sluice_batch){.struct_size = sizeof(struct sluice_batch),
                               .seq = seq,
                               .first_row = first_row,
                               .array = {.length = rows, .release = release_nothing},
                               .unit = "0123456789abcdef"};
}
