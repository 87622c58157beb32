/* A schema as JSON Schema (draft 2020-12), of the JSON that sluice.encode makes of its records. */
#ifndef PLAN_JSON_SCHEMA_H
#define PLAN_JSON_SCHEMA_H
#include <jansson.h>
#include <sluice/arrow.h>

/* Of a record. NULL: no memory, or a name is not UTF-8. */
json_t *json_schema_of(const struct ArrowSchema *record);

#endif
