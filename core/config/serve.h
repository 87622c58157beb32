/* `serve` of a configuration: what `sluice serve` listens on, and how long a run may stand still. */
#ifndef CONFIG_SERVE_H
#define CONFIG_SERVE_H
#include <stdint.h>

struct config;
struct sluice_options;
struct config_serve {
  const char *metrics; /* "127.0.0.1:9464"; NULL: none */
  const char *socket;  /* NULL: serve.sock in the ledger folder */
  int64_t hang_timeout_ms;
};
struct config_value;
struct sluice_error;
extern const struct sluice_options serve_table; /* private to core/config */
/* What is wrong with its texts; group: where they stand. Private to core/config. */
int serve_check(const struct config_serve *, const struct config_value *group, struct sluice_error *err);
/* Never NULL: all defaults where the configuration has none. */
const struct config_serve *config_serve(const struct config *);

#endif
