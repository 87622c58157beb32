/* How credentials are got: where the first come from, and the roles that are assumed with them, one after another.
 * Resolving reads the environment and the files, and asks nobody. */
#ifndef S3_PLAN_H
#define S3_PLAN_H
#include "identity/credentials.h"
#include "identity/profiles.h"

enum plan_base {
  PLAN_NOTHING,      /* nothing is configured: an error once somebody signs */
  PLAN_ANONYMOUS,    /* sign nothing */
  PLAN_OPTIONS,      /* the plugin's own options */
  PLAN_ENVIRONMENT,  /* AWS_ACCESS_KEY_ID ... */
  PLAN_STATIC,       /* a pair in a profile */
  PLAN_PROCESS,      /* credential_process */
  PLAN_SSO,          /* a token that `aws sso login` keeps */
  PLAN_WEB_IDENTITY, /* AssumeRoleWithWebIdentity */
  PLAN_CONTAINER,    /* ECS, EKS Pod Identity */
  PLAN_INSTANCE      /* EC2's instance metadata */
};
enum { PLAN_ROLES_MAX = 16 };

struct plan_role { /* texts owned; "" where not given */
  char *arn, *external_id, *session_name, *region;
  char *where;        /* what says so, for messages: profile "x"; "": the plugin's options */
  int64_t duration_s; /* 0: not given */
};
struct plan { /* zeroed is empty */
  enum plan_base base;
  char *label; /* for log and errors: profile "x" of ~/.aws/config, environment, EC2 instance metadata */
  struct {
    char *access_key_id, *secret, *token, *account;
  } pair; /* STATIC */
  struct {
    char *command, *account;
  } process; /* PROCESS */
  struct {
    char *session, *start_url, *region, *account, *role;
  } sso; /* SSO; session "": the legacy form */
  struct {
    struct plan_role role;
    char *token_file;
  } web; /* WEB_IDENTITY */
  struct plan_role roles[PLAN_ROLES_MAX];
  size_t n_roles;
  char *region;                                  /* for STS where a role has none of its own */
  char *sts_url, *sso_url, *oidc_url, *imds_url; /* "": the services' own */
  char *profile;                                 /* the selected one */
  char *base_profile;                            /* that has the base: itself, or a source_profile; "": none */
  bool fips, dualstack, sts_global, imds_disabled, imds_v1_disabled, imds_ipv6;
};

struct plan_request {       /* what the plugin's options say; NULL or "": nothing */
  bool anonymous, own_keys; /* own_keys: access_key_id and its companions are options */
  const char *profile, *region;
  const char *sts_endpoint;
  const struct plan_role *role; /* assumed last, or NULL */
};

/* CONFIG: half a pair, an unknown profile, a loop, both or neither of source_profile and credential_source ...; the
 * message names the profile or variable, and what to do. That nothing is configured is no error yet: policies are
 * printed before there are keys. */
int plan_resolve(const struct world *world, const struct profiles *profiles, const struct plan_request *request,
                 struct plan *out, struct sluice_error *err);
void plan_finish(struct plan *plan); /* wipes */

/* Checks a role's ARN, external id, session name and duration against STS's rules. chained: its keys are a role's.
 * own_sts: not AWS's, with limits of its own on the duration. where "": the plugin's options, each by its name. */
int plan_check_role(const struct plan_role *role, bool chained, bool own_sts, const char *where,
                    struct sluice_error *err);
/* What STS accepts: other characters become dashes, at most 64, at least 2 characters. */
void plan_session_name(const char *wish, char out[65]);

#endif
