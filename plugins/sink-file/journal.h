/* The journal beside the file: what of it is committed, and up to where of which unit.
 *
 * It starts with JOURNAL_HEAD and holds records, each durable before the next is begun. A record is the length of the
 * file after a commit, a checksum of the last bytes before that length, and the new positions of units. So after a
 * crash at most the last record is torn, and what it would have said did not happen. */
#ifndef SINK_FILE_JOURNAL_H
#define SINK_FILE_JOURNAL_H
#include "marks.h"
#include <sluice/arrow.h>

#define JOURNAL_HEAD "SLUICEJ1"
enum { JOURNAL_TAIL = 4096 /* bytes of the file, at most, that a record knows by checksum */, JOURNAL_MAX = 256 << 20 };

struct journal_state { /* what a record says of the file */
  int64_t length;
  uint32_t tail_size, tail_sum;
};
struct journal_change {
  const char *delivery, *unit;
  struct sluice_position end;
  bool forget;
};

/* ---- records, in memory (journal.c) */
uint32_t journal_sum(const void *bytes, size_t n);
/* Appends a record to `out`. MEMORY. */
int journal_put(struct sluice_buffer *out, const struct journal_state *, const struct journal_change *, size_t n);
/* Reads head and records into state and marks; *good is the length of what is sound. DATA: it is damaged, and not just
 * torn at its end. */
int journal_parse(const uint8_t *bytes, size_t n, struct journal_state *, struct marks *, size_t *good,
                  const char **wrong);

/* ---- the file (journal_file.c) */
struct journal {
  char *path, *temporary;
  int fd; /* -1: there is none yet */
  int64_t size;
  bool sync;
  struct journal_state state;
  struct marks marks;
};
/* Reads PATH.sluice-journal if there is one (fd stays -1 otherwise). */
int journal_open(struct journal *, const char *path, bool sync, struct sluice_error *);
void journal_finish(struct journal *);
/* Writes the journal anew, as small as it can be, from state and marks; nothing changes on an error. */
int journal_rewrite(struct journal *, struct sluice_error *);
/* Appends a record and makes it durable, then state and marks are as it says. RETRY or CONFIG: nothing changed; BUG: it
 * is not known what is on the disk. */
int journal_commit(struct journal *, const struct journal_state *, const struct journal_change *, size_t n,
                   struct sluice_error *);

#endif
