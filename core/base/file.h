/* Reading a small file whole. */
#ifndef BASE_FILE_H
#define BASE_FILE_H
#include "core/base/text.h"

/* Appends the content. CONFIG: it cannot be read, is a folder, or is larger than the limit; err says which. */
int file_read(const char *path, size_t limit, struct text *out, struct sluice_error *err);

#endif
