/* The sink's component with its options, and runs of numbered batches through it. */
#ifndef TEST_HTTP_SENDER_H
#define TEST_HTTP_SENDER_H
#include "fake_host.h"
#include "options.h"
#include "receiver.h"

struct sender {
  struct fake_host host;
  struct fake_rejects rejects;
  struct http_options options;
  char url[128];
  const struct ArrowSchema *schema; /* NULL: no columns */
  int64_t generation;
  void *sink;
  struct sluice_writer *writer;
  struct sluice_error err;
};

/* Options as the table has them, to this receiver and path; change them before sender_open. */
void sender_init(struct sender *, const struct receiver *, const char *path);
void sender_open(struct sender *);  /* opens sink and writer; fails the test where it cannot */
void sender_close(struct sender *); /* and frees all */
/* Writes `batches` batches of `rows` records; a RETRY is slept out and repeated. The last status. */
int sender_write(struct sender *, int64_t batches, int64_t rows);
/* The same with flush. */
int sender_send(struct sender *, int64_t batches, int64_t rows);
int sender_flush(struct sender *);
/* Writes a batch, however often it is to be repeated. */
int sender_put(struct sender *, struct sluice_batch *);
long long sender_now_ms(void);
const struct sluice_sink *sender_component(void);

#endif
