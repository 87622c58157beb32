/* `serve` of a configuration. */
#include "core/config/serve.h"
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
