/* The ELF note of a plugin, read from the file without loading it. Private to core/load. */
#ifndef LOAD_NOTE_H
#define LOAD_NOTE_H
#include <sluice/sdk.h>

/* Is it safe to load from this folder? Both: owned by root or the user, and not writable for the world. */
int note_check_folder(const char *path, struct sluice_error *err);
/* Reads the note of a regular file of that kind. CONFIG: refused; err->message says why, without the file's name. */
int note_read(const char *path, struct sluice_note *out, struct sluice_error *err);

#endif
