/* What one options_bind owns: the config struct, its texts and its secrets. Private to core/load. */
#ifndef LOAD_BOUND_H
#define LOAD_BOUND_H
#include "core/load/options.h"

struct options_bound {
  void *config;
  void **blocks; /* all memory, the config included */
  size_t block_count, block_capacity;
  struct sluice_secret *secrets;
  size_t secret_count, secret_capacity;
};

void *bound_allocate(struct options_bound *, size_t count, size_t size); /* zeroed; NULL: no memory */
/* Takes a malloc'ed block, and frees it where it fails. */
int bound_keep(struct options_bound *, void *block);
int bound_keep_secret(struct options_bound *, struct sluice_secret secret);

/* Parses a value into the field of the option. */
int bind_field(struct options_bound *, const struct sluice_option *, const struct config_value *, void *field,
               struct sluice_error *err);
/* Binds a whole group (NULL: all defaults) to a zeroed struct. */
int bind_struct(struct options_bound *, const struct sluice_options *, const struct config_value *group,
                const char *const *also_known, char *target, struct sluice_error *err);

#endif
