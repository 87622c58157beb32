/* Generations: a new file beside the old one, which takes its place as a whole.
 *
 * Generation N of PATH is written to PATH.sluice-generation-N, with a journal of its own. A commit makes it durable,
 * then notes in PATH's journal that it is being committed: from here on it is, and whoever opens PATH next goes on with
 * what is left to do. Then it is renamed to PATH, PATH's journal is written anew from its own, and that is removed. */
#ifndef SINK_FILE_GENERATION_H
#define SINK_FILE_GENERATION_H
#include "output.h"

/* Opens the file of a generation, as it was left if it was begun before, and removes those of all others. CONFIG: the
 * generation is not newer than the current one, or other deliveries have records in the file. */
int generation_begin(struct output *, const char *delivery, int64_t generation, struct output **out,
                     struct sluice_error *);
/* Puts the generation, which nobody writes any more, in the place of the file; `fresh` is of no use then. NULL: it is
 * committed already, or that is an error. */
int generation_commit(struct output *, const char *delivery, int64_t generation, struct output *fresh,
                      struct sluice_error *);
/* Removes the file of a generation, which is closed, if it is there. */
int generation_remove(struct output *, const char *delivery, int64_t generation, struct sluice_error *);
bool generation_is_there(const struct output *, int64_t generation); /* its file */
int generation_current(struct output *, const char *delivery, int64_t *generation, struct sluice_error *);
/* When PATH is opened: finishes a commit that was begun. *finished: it was, and the file needs no other recovery. */
int generation_recover(struct output *, bool *finished, struct sluice_error *);

#endif
