/* The instance of source-file, and opening its parts. */
#ifndef SOURCE_FILE_SOURCE_H
#define SOURCE_FILE_SOURCE_H
#include "walk.h"

enum { VERSION_SIZE = 96 };
struct source {
  struct filter filter;
  struct walk_rules rules;
  struct walk *walk;
  char version[VERSION_SIZE];
};

/* "size-nanoseconds-inode", and the time in microseconds. */
void source_version(const struct stat *info, char out[VERSION_SIZE]);
int64_t source_modified(const struct stat *info);
int source_open_part(void *self, const struct sluice_part *, struct sluice_part *opened, struct sluice_input *out,
                     struct sluice_error *);
/* The path that a URI or path names. */
const char *source_path(const char *name);

#endif
