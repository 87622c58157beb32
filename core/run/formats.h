/* The format of a part: the one configured, or with `auto` the one that knows its first bytes or its name. */
#ifndef RUN_FORMATS_H
#define RUN_FORMATS_H
#include "core/run/component.h"

struct formats;
/* group: the job's format; type "auto" probes each part, its other members are then not allowed. */
int formats_create(struct registry *, const struct config_value *group, struct component_names, const struct stop *,
                   struct formats **out, struct sluice_error *err);
void formats_destroy(struct formats *); /* takes NULL */
/* [any] The format for this input; reads its first bytes only where it must probe. DATA: no format knows it. */
int formats_find(struct formats *, struct sluice_input *, const char *part, const struct component **out,
                 struct sluice_error *err);
/* Hash of the formats' types, options and versions, 65 bytes. */
int formats_hash(const struct formats *, const struct config_value *group, char *out);

#endif
