/* The folders of plugins, and the files in them. Private to core/load. */
#ifndef LOAD_FOLDERS_H
#define LOAD_FOLDERS_H
#include <sluice/sdk.h>

struct names { /* owned texts; zeroed is empty */
  char **items;
  size_t count, capacity;
};
int names_add(struct names *, const char *text);
void names_finish(struct names *);

/* dirs, then SLUICE_PLUGIN_PATH, then ../lib/sluice/plugins beside the program; each once. */
int folders_find(const char *const *dirs, size_t n, struct names *out, struct sluice_error *err);
/* Paths of the *.so in a folder, in order of names. */
int folders_list(const char *folder, struct names *out, struct sluice_error *err);

#endif
