/* The rules of STS for a role's ARN, external ID, session name and duration. */
#include "identity/plan.h"
#include <ctype.h>

enum { ARN_MIN = 20, ARN_MAX = 2048, NAME_MIN = 2, NAME_MAX = 64, ID_MIN = 2, ID_MAX = 1224 };
enum { DURATION_MIN = 900, DURATION_MAX = 43200, CHAINED_MAX = 3600 };

static bool only(const char *text, const char *others) {
  for (; *text; text++)
    if (!isalnum((unsigned char)*text) && !strchr(others, *text))
      return false;
  return true;
}

/* What says so: one of the plugin's options, the variable beside AWS_ROLE_ARN, or a profile. */
static const char *place_of(const char *where, const char *option) {
  if (!*where)
    return option;
  bool session = strcmp(where, "AWS_ROLE_ARN") == 0 && strcmp(option, "role_session_name") == 0;
  return session ? "AWS_ROLE_SESSION_NAME" : where;
}

static int check_arn(const char *arn, const char *where, struct sluice_error *err) {
  size_t n = strlen(arn);
  const char *role = strstr(arn, ":role/");
  if (n < ARN_MIN || n > ARN_MAX || strncmp(arn, "arn:", 4) != 0 || !role || !role[6] || !strstr(arn, ":iam:") ||
      !only(arn, ":_+=,.@-/"))
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: \"%.100s\" is no role; write arn:aws:iam::ACCOUNT:role/NAME",
                       where, arn);
  return SLUICE_OK;
}

static int check_text(const char *text, size_t min, size_t max, const char *others, const char *what, const char *where,
                      struct sluice_error *err) {
  size_t n = strlen(text);
  if (n == 0)
    return SLUICE_OK;
  if (n < min || n > max || !only(text, others))
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: the %s must have %zu to %zu letters, digits or %s", where,
                       what, min, max, others);
  return SLUICE_OK;
}

/* Where STS is another service's, it has limits of its own. */
static int check_duration(const struct plan_role *role, bool chained, bool own_sts, const char *where,
                          struct sluice_error *err) {
  if (role->duration_s == 0 || own_sts)
    return SLUICE_OK;
  if (role->duration_s < DURATION_MIN || role->duration_s > DURATION_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s: a role's session lasts %d s to %d s, not %lld s", where,
                       DURATION_MIN, DURATION_MAX, (long long)role->duration_s);
  if (chained && role->duration_s > CHAINED_MAX)
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, where,
        "%s: the role is assumed with another role's credentials; such a session lasts at most %d s, not "
        "%lld s",
        where, CHAINED_MAX, (long long)role->duration_s);
  return SLUICE_OK;
}

int plan_check_role(const struct plan_role *role, bool chained, bool own_sts, const char *where,
                    struct sluice_error *err) {
  int status = check_arn(role->arn, place_of(where, "role_arn"), err);
  if (status == SLUICE_OK)
    status =
        check_text(role->external_id, ID_MIN, ID_MAX, "_+=,.@:/-", "external ID", place_of(where, "external_id"), err);
  if (status == SLUICE_OK)
    status = check_text(role->session_name, NAME_MIN, NAME_MAX, "_+=,.@-", "session name",
                        place_of(where, "role_session_name"), err);
  return status == SLUICE_OK ? check_duration(role, chained, own_sts, place_of(where, "duration"), err) : status;
}

void plan_session_name(const char *wish, char out[65]) {
  size_t n = 0;
  for (; *wish && n < NAME_MAX; wish++)
    if ((*wish & 0xc0) != 0x80) /* a character of several bytes becomes one dash */
      out[n++] = isalnum((unsigned char)*wish) || strchr("_+=,.@-", *wish) ? *wish : '-';
  while (n < NAME_MIN)
    out[n++] = '-';
  out[n] = 0;
}
