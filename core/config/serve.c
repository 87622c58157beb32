/* `serve` of a configuration. */
#include "core/config/serve.h"
#include "core/config/address.h"
#include "core/config/value.h"
#include <sluice/sdk.h>

static const struct sluice_option items[] = {
    SLUICE_OPTION(struct config_serve, metrics, SLUICE_OPTION_TEXT,
                  .help = "Address and port for metrics, such as \"127.0.0.1:9464\"; none by default."),
    SLUICE_OPTION(struct config_serve, socket, SLUICE_OPTION_TEXT,
                  .help = "Path of the socket for commands; default: serve.sock in the ledger folder."),
    {.name = "hang_timeout",
     .kind = SLUICE_OPTION_DURATION,
     .offset = offsetof(struct config_serve, hang_timeout_ms),
     .default_text = "10m",
     .min = 1000,
     .max = 86400000,
     .help = "A run in which nothing gets on for so long is ended and tried again."},
};
const struct sluice_options serve_table = SLUICE_OPTIONS(struct config_serve, items);

int serve_check(const struct config_serve *serve, const struct config_value *group, struct sluice_error *err) {
  struct sockaddr_storage address;
  if (serve->metrics && !address_parse(serve->metrics, &address))
    return config_value_fail(config_value_find(group, "metrics"), err, SLUICE_ERR_CONFIG, ADDRESS_WRONG,
                             serve->metrics);
  if (serve->socket && !serve->socket[0])
    return config_value_fail(config_value_find(group, "socket"), err, SLUICE_ERR_CONFIG,
                             "the path of the socket is empty; leave it out for serve.sock in the ledger folder");
  return SLUICE_OK;
}
