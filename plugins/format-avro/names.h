/* Names of types: full, short, and the namespace in between. */
#ifndef AVRO_NAMES_H
#define AVRO_NAMES_H
#include "schema.h"

/* The full name of `name` in that namespace, from malloc; NULL: no memory. */
char *avro_full_name(const char *name, const char *space);
/* The namespace of a full name, from malloc; NULL: no memory. */
char *avro_name_space(const char *name);
/* True if the reader's named type goes by the name of the writer's: the unqualified names are the same, or an alias
 * says so ("Schema Resolution", "Aliases"). An empty name is any name. */
bool avro_names_match(const struct avro_type *writer, const struct avro_type *reader);

#endif
