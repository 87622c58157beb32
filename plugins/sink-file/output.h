/* The file that records are written to, with its journal; or a stream, such as standard output. */
#ifndef SINK_FILE_OUTPUT_H
#define SINK_FILE_OUTPUT_H
#include "journal.h"
#include <pthread.h>

struct output {
  struct output *next; /* for whoever holds several */
  const struct sluice_host *host;
  char *path;
  int fd;
  bool stream;       /* no file of its own: nothing can be taken back, so there is no journal */
  bool sync, broken; /* broken: see output_is_broken */
  pthread_mutex_t lock;
  struct journal journal;
};

/* path "-": standard output. Else the file is made, with its folders, locked, and cut to what is committed. */
int output_open(const struct sluice_host *, const char *path, bool sync, struct output **out, struct sluice_error *);
void output_close(struct output *); /* takes NULL */
/* Ends its use, though some may still point to it: whatever they ask is an error. */
void output_retire(struct output *);
/* Writes whole records and makes them durable together with the changes; all [any]. RETRY: nothing changed. */
int output_append(struct output *, const void *bytes, size_t n, const struct journal_change *, size_t count,
                  struct sluice_error *);
int output_committed(struct output *, const char *delivery, const char *unit, struct sluice_position *out,
                     struct sluice_error *);
int output_forget(struct output *, const char *delivery, const char *unit, struct sluice_error *);

/* CONFIG, because what is on the disk is not known, or belongs to another by now. */
int output_is_broken(const struct output *, struct sluice_error *);
/* recover.c: cuts the file to what its journal says. */
int output_cut(struct output *, struct sluice_error *);
/* recover.c: locks the open file, reads its journal and cuts the file to it. */
int output_recover(struct output *, struct sluice_error *);
/* stream.c: writes all, and watches for the host's cancel. */
int stream_write(const struct output *, const void *bytes, size_t n, struct sluice_error *);

#endif
