/* Where the records of a stream go: a file of its own where the path has {stream}, else one for all.
 *
 * Files that nobody uses are closed when many are open, for a job may have thousands of streams. Opened again, a file
 * goes on from its journal. */
#ifndef SINK_FILE_PLACE_H
#define SINK_FILE_PLACE_H
#include "output.h"

#define PLACE_STREAM "{stream}"

struct place {
  char *stream, *path;   /* stream "": all of them */
  struct output *output; /* NULL: it is not open */
  struct output *fresh;  /* of the generation that is being written; NULL: there is none, or it is not open */
  char *fresh_delivery;  /* NULL: there is none */
  int64_t generation;
  struct output *retired; /* generations that are over, to which some may still point */
  size_t users;
  struct place *newer, *older; /* among those that are open, by their last use */
};
struct places {
  void *root; /* of a search tree */
  struct place *newest, *oldest;
  size_t open;
};

/* The stream's place, made if there is none. NULL: no memory. */
struct place *places_find(struct places *, const char *path, const char *stream);
/* Opens its file if it is not, and counts the use. */
int place_use(struct places *, struct place *, const struct sluice_host *, bool sync, struct sluice_error *);
/* The end of a use; closes files that nobody uses, beyond those that may stay open. */
void place_done(struct places *, struct place *);
/* Ends the generation: it takes nothing any more. */
void place_retire(struct place *);
void places_finish(struct places *);
/* The path with {stream} filled in: malloc'ed; NULL: no memory. */
char *place_path(const char *path, const char *stream);

#endif
