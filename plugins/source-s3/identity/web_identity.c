/* Credentials for a token that somebody else vouches for (EKS service accounts, OIDC). */
#include "identity/sources.h"
#include "identity/sts.h"
#include <string.h>

enum { TOKEN_MIN = 4, TOKEN_MAX = 20000 }; /* STS's own limits */

static int check_token(struct text *token, const char *path, struct sluice_error *err) {
  while (token->size && strchr(" \t\r\n", token->data[token->size - 1]))
    token->data[--token->size] = 0;
  if (token->size < TOKEN_MIN || token->size > TOKEN_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "web_identity_token_file",
                       "web identity: %.200s has no token of %d to %d characters", path, TOKEN_MIN, TOKEN_MAX);
  for (size_t i = 0; i < token->size; i++)
    if (token->data[i] <= 0x20 || token->data[i] >= 0x7f)
      return sluice_fail(err, SLUICE_ERR_CONFIG, "web_identity_token_file",
                         "web identity: %.200s has more than a token in it", path);
  return SLUICE_OK;
}

/* The file is read each time: what writes it puts in a new token before the old one ends. */
int source_web_identity(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  const struct world *world = fetcher->world;
  const struct plan *plan = fetcher->plan;
  struct text token = {0};
  struct sluice_error own = {.message = ""};
  int status = world->read_file(world->context, plan->web.token_file, &token, &own);
  if (status == SLUICE_OK)
    status = check_token(&token, plan->web.token_file, err);
  else
    status = sluice_fail(err, status == SLUICE_ERR_CANCELLED ? status : SLUICE_ERR_CONFIG, "web_identity_token_file",
                         "web identity: the token file: %s", own.message);
  if (status == SLUICE_OK)
    status = sts_assume_role_with_web_identity(world, plan, &plan->web.role, text_get(&token), out, err);
  text_finish(&token);
  return status;
}
