/* Fields of integration JSON as C Data schemas. */
#ifndef IPC_COMPARE_GOLDEN_SCHEMA_H
#define IPC_COMPARE_GOLDEN_SCHEMA_H
#include "golden.h"

int golden_schema(const json_t *schema, struct ArrowSchema *out);

#endif
