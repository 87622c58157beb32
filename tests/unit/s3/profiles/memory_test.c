/* Every allocation of a parse and a plan fails once: an error comes, and nothing is lost. */
#include "../identity/fake_world.h"
#include "failing.h"
#include <stdlib.h>
#include <string.h>

static const char config[] = "[default]\nrole_arn = arn:aws:iam::123456789012:role/a\nsource_profile = b\n"
                             "[profile b]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
                             "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x\n"
                             "[profile c]\na = b\n  continued for longer than it has room\n"
                             "[profile d]\nweb_identity_token_file = /t\nrole_arn = arn:aws:iam::123456789012:role/a\n";
static const char credentials[] = "[default]\nx = y\n[e]\naws_access_key_id = A\naws_secret_access_key = B\n";

static int parse_and_plan(const struct world *world, const char *profile) {
  struct profiles *profiles = NULL;
  struct plan_request request = {.profile = profile};
  struct plan plan = {.label = NULL};
  struct sluice_error err = {.message = ""};
  int status = profiles_parse(config, credentials, &profiles, &err);
  assert_true((status == SLUICE_OK) == (profiles != NULL));
  if (status == SLUICE_OK)
    status = plan_resolve(world, profiles, &request, &plan, &err);
  assert_true((status == SLUICE_OK) == (plan.label != NULL));
  assert_true((status == SLUICE_OK) == (err.message[0] == 0));
  profiles_destroy(profiles);
  plan_finish(&plan);
  return status;
}

static void each_allocation_fails_once(void **state) {
  (void)state;
  const char *const names[] = {"default", "d", "e"};
  struct fake_world fake;
  fake_init(&fake);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    long n = 0;
    for (int status = SLUICE_ERR_MEMORY; status != SLUICE_OK; n++) {
      failing_in = n;
      status = parse_and_plan(&fake.world, names[i]);
      bool reached = failing_in < 0;
      failing_in = -1;
      assert_int_equal(status != SLUICE_OK, reached);
      assert_true(status == SLUICE_OK || status == SLUICE_ERR_MEMORY || status == SLUICE_ERR_DATA);
    }
    assert_true(n > 50);
  }
  fake_finish(&fake);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_fails_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
