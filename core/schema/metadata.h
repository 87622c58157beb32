/* Arrow's metadata block (a count, then lengths and bytes of keys and values) as base64. Internal to core/schema. */
#ifndef SCHEMA_METADATA_H
#define SCHEMA_METADATA_H
#include "core/schema/tree.h"

int schema_metadata_to_text(struct schema_tree *, const char *metadata, const char **text); /* DATA: broken */
int schema_metadata_from_text(struct schema_tree *, const char *text, const char **metadata);

#endif
