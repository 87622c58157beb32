/* ${NAME}, ${NAME:-default} and ${file:PATH} inside texts; "$$" is "$". */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H
#include "core/base/text.h"

/* Appends the expanded text. CONFIG: a variable that is not set, a file that cannot be read (64 KiB at most; one final
 * newline is dropped), a NUL byte, or a broken ${; `where` becomes err->where. */
int expand_text(const char *template, const char *where, struct text *out, struct sluice_error *err);
/* Does an option of this name say which file to read, as schema_file and ca_file do? A convention, for all plugins. */
bool expand_names_file(const char *option);
/* From now on variables count as not set, and files (also by @include) as unreadable: for fuzzing. */
void expand_isolate(void);
bool expand_isolated(void);

#endif
