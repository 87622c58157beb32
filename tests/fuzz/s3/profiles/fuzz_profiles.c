/* Fuzzes the shared files of the AWS tools (config, a NUL, credentials), and the plans and settings that come of them.
 */
#include "identity/plan.h"
#include "identity/settings.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool true_always) {
  if (!true_always)
    abort();
}

/* ---- a world with nothing in it ---- */

static const char *variable(void *context, const char *name) {
  (void)context, (void)name;
  return NULL;
}

static const struct world empty_world = {.variable = variable};

/* ---- what must hold ---- */

struct seen {
  const struct profiles *profiles;
  size_t count;
};

static void check_nested(const struct profiles *profiles, enum profiles_kind kind, const char *name,
                         const char *property, const char *value) {
  size_t n = 0;
  const char *url = profiles_get_nested(profiles, kind, name, property, "endpoint_url", &n);
  if (url)
    require(url > value && n <= strlen(url) && !memchr(url, '\n', n));
}

static void check_property(void *context, enum profiles_kind kind, const char *name, const char *property,
                           const char *value) {
  struct seen *seen = context;
  seen->count++;
  require(name[0] && profiles_has(seen->profiles, kind, name));
  if (!property)
    return;
  require(property[0] && profiles_get(seen->profiles, kind, name, property) == value);
  for (const char *at = property; *at; at++)
    require(*at < 'A' || *at > 'Z');
  check_nested(seen->profiles, kind, name, property, value);
}

static void check_plan(const struct plan *plan) {
  require(plan->label[0] && plan->region[0] && plan->base != PLAN_ANONYMOUS && plan->base != PLAN_OPTIONS);
  require(plan->base != PLAN_STATIC || (plan->pair.access_key_id[0] && plan->pair.secret[0]));
  for (size_t i = 0; i < plan->n_roles; i++)
    require(plan->roles[i].arn[0] && plan->roles[i].where[0]);
}

static void try_profile(const struct profiles *profiles, const char *name) {
  struct plan_request request = {.profile = name};
  struct plan plan = {.label = NULL};
  struct settings settings;
  struct sluice_error err = {.message = ""};
  int status = plan_resolve(&empty_world, profiles, &request, &plan, &err);
  require(status == SLUICE_OK || (status == SLUICE_ERR_CONFIG && err.message[0] && !plan.label));
  if (status == SLUICE_OK)
    check_plan(&plan);
  plan_finish(&plan);
  err = (struct sluice_error){.message = ""};
  status = settings_read(&empty_world, profiles, name ? name : "default", &settings, &err);
  require(status == SLUICE_OK || err.message[0]);
}

/* ---- input ---- */

/* In memory of its own size, so that reads past the end are seen. */
static char *copy_of(const uint8_t *data, size_t size) {
  char *copy = malloc(size + 1);
  require(copy != NULL);
  if (size)
    memcpy(copy, data, size);
  copy[size] = 0;
  return copy;
}

static void try_texts(const char *config, const char *credentials) {
  struct profiles *profiles = NULL;
  struct sluice_error err = {.message = ""};
  int status = profiles_parse(config, credentials, &profiles, &err);
  if (status != SLUICE_OK) {
    require(status == SLUICE_ERR_DATA && strstr(err.message, "line ") && !profiles);
    return;
  }
  struct seen seen = {.profiles = profiles};
  profiles_each(profiles, check_property, &seen);
  try_profile(profiles, NULL);
  try_profile(profiles, "a");
  profiles_destroy(profiles);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *end = size ? memchr(data, 0, size) : NULL;
  size_t n = end ? (size_t)(end - data) : size;
  char *config = copy_of(data, n);
  char *credentials = end ? copy_of(end + 1, size - n - 1) : NULL;
  try_texts(config, credentials);
  free(config);
  free(credentials);
  return 0;
}
