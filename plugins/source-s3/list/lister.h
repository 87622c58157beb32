/* The parts of all paths, merged in byte order of their names, each once. */
#ifndef S3_LISTER_H
#define S3_LISTER_H
#include "list/selection.h"
#include "list/stream.h"

struct lister {
  struct client *client;
  struct engine *engine; /* set before lister_start */
  const struct s3_options *options;
  struct stream *streams;       /* sorted by the name that their path begins with */
  struct selection *selections; /* by place */
  size_t count;
  struct text name, version, after, previous; /* of the part given last */
};

/* Checks the options of all paths; asks nobody. Borrows all. */
int lister_init(struct lister *lister, struct client *client, struct engine *engine, const struct s3_options *options,
                struct sluice_error *err);
void lister_finish(struct lister *lister);
/* Begins behind the part with this name (NULL, "": with the first). */
int lister_start(struct lister *lister, const char *after, struct sluice_error *err);
int lister_next(struct lister *lister, struct sluice_part *out, struct sluice_error *err);

#endif
