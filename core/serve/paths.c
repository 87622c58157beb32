/* Where `serve` has its socket. */
#include "core/config/serve.h"
#include "core/serve/serve.h"

int serve_socket_path(const struct config *config, const char *given, struct text *out) {
  const char *configured = given ? given : config_serve(config)->socket;
  return configured ? text_add(out, configured) : text_printf(out, "%s/serve.sock", config_ledger(config));
}
