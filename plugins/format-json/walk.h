/* Over a record that is too long to be held, byte by byte. */
#ifndef JSON_WALK_H
#define JSON_WALK_H
#include "frame.h"

/* At the record's start; keeps at most so many of its first bytes. MEMORY. */
int json_walk_begin(struct json_walk *walk, const struct json_input *w, size_t most);
/* To where it ends. May be called again after an error. */
int json_walk_on(struct json_walk *walk, enum json_layout layout, struct json_input *w, struct sluice_error *err);

#endif
