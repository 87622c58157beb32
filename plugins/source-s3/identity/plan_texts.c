/* The texts of a plan: owned, never NULL, wiped at the end. */
#include "identity/plan_parts.h"
#include <openssl/crypto.h>
#include <stdlib.h>

enum { TEXTS_MAX = 32 + 5 * (PLAN_ROLES_MAX + 1) };

static size_t add_role(struct plan_role *role, char ***out, size_t n) {
  char **texts[] = {&role->arn, &role->external_id, &role->session_name, &role->region, &role->where};
  memcpy(out + n, texts, sizeof texts);
  return n + sizeof texts / sizeof *texts;
}

static size_t all_texts(struct plan *plan, char **out[TEXTS_MAX]) {
  char **texts[] = {&plan->label,           &plan->pair.access_key_id,
                    &plan->pair.secret,     &plan->pair.token,
                    &plan->pair.account,    &plan->process.command,
                    &plan->process.account, &plan->sso.session,
                    &plan->sso.start_url,   &plan->sso.region,
                    &plan->sso.account,     &plan->sso.role,
                    &plan->web.token_file,  &plan->region,
                    &plan->sts_url,         &plan->sso_url,
                    &plan->oidc_url,        &plan->imds_url,
                    &plan->profile,         &plan->base_profile};
  size_t n = sizeof texts / sizeof *texts;
  memcpy(out, texts, sizeof texts);
  n = add_role(&plan->web.role, out, n);
  for (size_t i = 0; i < PLAN_ROLES_MAX; i++)
    n = add_role(&plan->roles[i], out, n);
  return n;
}

static void wipe_free(char *text) {
  if (text)
    OPENSSL_cleanse(text, strlen(text));
  free(text);
}

bool plan_set(char **field, const char *value) {
  char *copy = strdup(value ? value : "");
  if (!copy)
    return false;
  wipe_free(*field);
  *field = copy;
  return true;
}

bool plan_fill_gaps(struct plan *plan) {
  char **texts[TEXTS_MAX];
  size_t n = all_texts(plan, texts);
  bool ok = true;
  for (size_t i = 0; i < n; i++)
    if (!*texts[i])
      ok = plan_set(texts[i], "") && ok;
  return ok;
}

void plan_finish(struct plan *plan) {
  char **texts[TEXTS_MAX];
  size_t n = all_texts(plan, texts);
  for (size_t i = 0; i < n; i++)
    wipe_free(*texts[i]);
  memset(plan, 0, sizeof *plan);
}
