/* Types in words, nested ones with their fields: "list<item: int64>", "dictionary<int8, utf8>". */
#ifndef ARROW_DESCRIBE_H
#define ARROW_DESCRIBE_H
#include "format.h"

/* Appends to out, whose limit ends long ones. MEMORY or OK. */
int arrow_describe(const struct ArrowSchema *schema, struct sluice_buffer *out);

#endif
