/* Drives the component as a host does. */
#include "sender.h"
#include "cmocka_all.h"
#include <time.h>

extern const struct sluice_plugin sluice_plugin_v1;

const struct sluice_sink *sender_component(void) {
  return (const struct sluice_sink *)sluice_plugin_v1.components[0];
}

long long sender_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sender_init(struct sender *sender, const struct receiver *receiver, const char *path) {
  memset(sender, 0, sizeof *sender);
  memset(&fake_encoding, 0, sizeof fake_encoding);
  fake_host_init(&sender->host);
  fake_rejects_init(&sender->rejects);
  snprintf(sender->url, sizeof sender->url, "http://127.0.0.1:%u%s", receiver->port, path);
  sender->options = (struct http_options){.url = sender->url,
                                          .idempotency_header = "Idempotency-Key",
                                          .user_agent = "sluice",
                                          .batch_rows = 1000,
                                          .batch_bytes = 1 << 20,
                                          .in_flight = 8,
                                          .max_attempts = 8,
                                          .timeout = 60000,
                                          .connect_timeout = 10000,
                                          .retry_for = 300000};
}

void sender_open(struct sender *sender) {
  const struct sluice_sink *sink = sender_component();
  struct sluice_stream stream = {.struct_size = sizeof stream,
                                 .name = "s",
                                 .delivery = "d",
                                 .generation = sender->generation,
                                 .rejects = &sender->rejects.rejects};
  struct ArrowSchema schema = {.format = "+s", .name = ""};
  assert_int_equal(sink->open(&sender->host.host, &sender->options, &sender->sink, &sender->err), SLUICE_OK);
  assert_int_equal(
      sink->writer(sender->sink, &stream, sender->schema ? sender->schema : &schema, &sender->writer, &sender->err),
      SLUICE_OK);
}

void sender_close(struct sender *sender) {
  if (sender->writer)
    sender->writer->release(sender->writer);
  if (sender->sink)
    sender_component()->close(sender->sink);
  fake_host_finish(&sender->host);
}

static bool again(struct sender *sender, int status) {
  if (status != SLUICE_ERR_RETRY)
    return false;
  struct timespec time = {sender->err.retry_ms / 1000, sender->err.retry_ms % 1000 * 1000000};
  assert_in_range(sender->err.retry_ms, 1, 5000);
  nanosleep(&time, NULL);
  memset(&sender->err, 0, sizeof sender->err);
  return true;
}

int sender_put(struct sender *sender, struct sluice_batch *batch) {
  int status;
  do
    status = sender->writer->write(sender->writer, batch, &sender->err);
  while (again(sender, status));
  return status;
}

int sender_write(struct sender *sender, int64_t batches, int64_t rows) {
  int status = SLUICE_OK;
  for (int64_t i = 0; i < batches && status == SLUICE_OK; i++) {
    struct sluice_batch batch = fake_batch(i, i * rows, rows);
    status = sender_put(sender, &batch);
    if (status == SLUICE_OK)
      assert_null(batch.array.release); /* taken */
    else
      assert_non_null(batch.array.release);
  }
  return status;
}

int sender_flush(struct sender *sender) {
  int status;
  do
    status = sender->writer->flush(sender->writer, &sender->err);
  while (again(sender, status));
  return status;
}

int sender_send(struct sender *sender, int64_t batches, int64_t rows) {
  int status = sender_write(sender, batches, rows);
  return status == SLUICE_OK ? sender_flush(sender) : status;
}
