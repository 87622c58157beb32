/* Getting credentials as a plan says: the base, then each role with the credentials before it. */
#include "identity/fetch.h"
#include "identity/json.h"
#include "identity/sources.h"
#include "identity/sts.h"
#include <openssl/crypto.h>

int source_environment(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  const struct world *world = fetcher->world;
  const char *end = world->variable(world->context, "AWS_CREDENTIAL_EXPIRATION");
  static const struct credentials_text places = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                                 "AWS_ACCOUNT_ID"};
  int64_t expires = CREDENTIALS_NEVER;
  struct credentials_text text = {.access_key_id = world->variable(world->context, "AWS_ACCESS_KEY_ID"),
                                  .secret = world->variable(world->context, "AWS_SECRET_ACCESS_KEY"),
                                  .token = world->variable(world->context, "AWS_SESSION_TOKEN"),
                                  .account = world->variable(world->context, "AWS_ACCOUNT_ID")};
  if (end && !json_time(end, &expires))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "AWS_CREDENTIAL_EXPIRATION",
                       "AWS_CREDENTIAL_EXPIRATION is no time such as 2026-01-31T12:00:00Z");
  return credentials_create_at(&text, expires, world->now(world->context), &places, out, err);
}

int source_static(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  const struct plan *plan = fetcher->plan;
  struct credentials_text text = {plan->pair.access_key_id, plan->pair.secret, plan->pair.token, plan->pair.account};
  return credentials_create(&text, CREDENTIALS_NEVER, 0, "profile", out, err);
}

static int nothing(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, "access_key_id",
                     "no credentials: set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and "
                     "AWS_SECRET_ACCESS_KEY in the environment, or a profile, or anonymous = true for a public bucket "
                     "(asking the EC2 instance is turned off by AWS_EC2_METADATA_DISABLED)");
}

static int fetch_base(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  switch (fetcher->plan->base) {
  case PLAN_NOTHING:
    return nothing(err);
  case PLAN_ANONYMOUS:
    break;
  case PLAN_OPTIONS:
    return fetcher->own_keys(fetcher->own_context, out, err);
  case PLAN_ENVIRONMENT:
    return source_environment(fetcher, out, err);
  case PLAN_STATIC:
    return source_static(fetcher, out, err);
  case PLAN_PROCESS:
    return source_process(fetcher, out, err);
  case PLAN_SSO:
    return source_sso(fetcher, out, err);
  case PLAN_WEB_IDENTITY:
    return source_web_identity(fetcher, out, err);
  case PLAN_CONTAINER:
    return source_container(fetcher, out, err);
  case PLAN_INSTANCE:
    return source_instance(fetcher, out, err);
  }
  return sluice_fail(err, SLUICE_ERR_BUG, "", "credentials were asked for where nothing is signed");
}

static int assume(struct fetcher *fetcher, const struct plan_role *role, struct credentials **current,
                  struct sluice_error *err) {
  struct credentials *made = NULL;
  int status = sts_assume_role(fetcher->world, fetcher->plan, role, *current, &made, err);
  if (status != SLUICE_OK)
    return status;
  credentials_unref(*current);
  *current = made;
  return SLUICE_OK;
}

/* What is wrong here is wrong for all objects: of these codes the host would take each for one object's own. */
static int of_all_objects(int status) {
  return status == SLUICE_ERR_DATA || status == SLUICE_ERR_NOT_FOUND ? SLUICE_ERR_CONFIG : status;
}

/* The base and the first n roles. */
static int fetch_up_to(struct fetcher *fetcher, size_t n, struct credentials **out, struct sluice_error *err) {
  struct credentials *current = NULL;
  int status = fetch_base(fetcher, &current, err);
  for (size_t i = 0; status == SLUICE_OK && i < n; i++)
    status = assume(fetcher, &fetcher->plan->roles[i], &current, err);
  if (status == SLUICE_OK)
    *out = current;
  else
    credentials_unref(current);
  return of_all_objects(status);
}

int fetch(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err) {
  return fetch_up_to(fetcher, fetcher->plan->n_roles, out, err);
}

int fetch_open_role(struct fetcher *fetcher, struct sluice_error *err) {
  const struct plan *plan = fetcher->plan;
  struct credentials *with = NULL;
  if (plan->n_roles == 0)
    return sluice_fail(err, SLUICE_ERR_BUG, "", "there is no role to try");
  int status = fetch_up_to(fetcher, plan->n_roles - 1, &with, err);
  if (status != SLUICE_OK) /* our own credentials failed: that says nothing of the role */
    return status == SLUICE_ERR_AUTH ? SLUICE_ERR_RETRY : status;
  status = sts_try_open_role(fetcher->world, plan, &plan->roles[plan->n_roles - 1], with, err);
  credentials_unref(with);
  return status;
}

void fetcher_finish(struct fetcher *fetcher) {
  OPENSSL_cleanse(fetcher->imds_token, sizeof fetcher->imds_token);
  credentials_unref(fetcher->imds_last);
  fetcher->imds_last = NULL;
}
