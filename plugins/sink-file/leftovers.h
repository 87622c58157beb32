/* The files of generations beside the file: their names, and removing them. */
#ifndef SINK_FILE_LEFTOVERS_H
#define SINK_FILE_LEFTOVERS_H
#include <sluice/sdk.h>

/* PATH.sluice-generation-N; free() it. NULL: no memory. */
char *leftovers_path(const char *path, int64_t generation);
/* Removes the files of all generations of this path but of `kept` (0: of all). */
int leftovers_remove(const char *path, int64_t kept, struct sluice_error *);
/* Removes the journal of a generation whose file is gone: its removal was cut short. */
int leftovers_journal(const char *generation_path, struct sluice_error *);

#endif
