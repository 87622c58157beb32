/* The transform's calls for one schema. */
#ifndef MODEL_BIND_H
#define MODEL_BIND_H
#include "options.h"

int model_bind(void *self, const struct ArrowSchema *in, struct ArrowSchema *out, void **bound,
               struct sluice_error *err);
void model_unbind(void *self, void *bound);
int model_apply(void *self, void *bound, struct sluice_batch *in, struct sluice_rejects *rejects,
                struct sluice_batch *out, struct sluice_error *err);

#endif
