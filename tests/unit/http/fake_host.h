/* A host of a few lines: an encoder of numbered records, secrets, rejects, cancel. */
#ifndef TEST_HTTP_FAKE_HOST_H
#define TEST_HTTP_FAKE_HOST_H
#include <sluice/sdk.h>
#include <sluice/services.h>
#include <stdbool.h>

enum { FAKE_TOKEN = 1, FAKE_PASSWORD = 2, FAKE_REJECTS_MAX = 64 };

struct fake_host {
  struct sluice_host host; /* first */
  int cancel_fd;
  bool cancel;
  const char *token, *password;
  const struct sluice_encode *encode; /* NULL: numbered records, below */
  char log[8192];                     /* all that was logged, as far as it fits */
};
void fake_host_init(struct fake_host *);
void fake_host_cancel(struct fake_host *);
void fake_host_finish(struct fake_host *);

/* Record i of a batch is {"n":FIRST_ROW + i,"pad":"xx..."}; each `empty_every`th is rejected by the encoder. */
struct fake_encoding {
  int64_t pad, empty_every;
};
extern struct fake_encoding fake_encoding;

struct fake_rejects {
  struct sluice_rejects rejects; /* first */
  int64_t count, rows[FAKE_REJECTS_MAX], seqs[FAKE_REJECTS_MAX];
  int answer;
  char reason[1024]; /* of the last */
};
void fake_rejects_init(struct fake_rejects *);

/* A batch of numbered records without any data. */
struct sluice_batch fake_batch(int64_t seq, int64_t first_row, int64_t rows);

#endif
