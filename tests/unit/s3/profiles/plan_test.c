/* Which source of credentials is taken, and what is refused: what the official cases do not cover. */
#include "corpus.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS "aws_access_key_id = ID\naws_secret_access_key = SECRET\n"
#define ROLE(name) "role_arn = arn:aws:iam::123456789012:role/" name "\n"

/* One question: a world, a config file, what the options say; and the plan or error that comes. */
struct try {
  struct fake_world fake;
  struct plan_request request;
  struct plan plan;
  struct sluice_error err;
};

static void begin(struct try *t) {
  memset(t, 0, sizeof *t);
  fake_init(&t->fake);
  fake_variable(&t->fake, "HOME", "/h");
}

static void end(struct try *t) {
  plan_finish(&t->plan);
  fake_finish(&t->fake);
}

static int resolve(struct try *t, const char *config) {
  struct profiles *profiles = NULL;
  assert_int_equal(profiles_parse(config, NULL, &profiles, &t->err), SLUICE_OK);
  plan_finish(&t->plan);
  t->err = (struct sluice_error){.message = ""};
  int status = plan_resolve(&t->fake.world, profiles, &t->request, &t->plan, &t->err);
  profiles_destroy(profiles);
  return status;
}

static void assert_base(struct try *t, const char *config, enum plan_base base) {
  if (resolve(t, config) != SLUICE_OK)
    fail_msg("%s", t->err.message);
  assert_int_equal(t->plan.base, base);
}

static void assert_refused(struct try *t, const char *config, const char *says) {
  assert_int_equal(resolve(t, config), SLUICE_ERR_CONFIG);
  assert_says(&t->err, says);
  assert_null(t->plan.label);
}

/* One profile file for one question that must be refused. */
static void refused(const char *profile, const char *config, const char *says) {
  struct try t;
  begin(&t);
  t.request.profile = profile;
  assert_refused(&t, config, says);
  end(&t);
}

/* ---- the order ---- */

static void each_source_hides_the_next(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  assert_base(&t, "", PLAN_INSTANCE);
  assert_string_equal(t.plan.imds_url, "http://169.254.169.254");
  fake_variable(&t.fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x");
  assert_base(&t, "", PLAN_CONTAINER);
  fake_variable(&t.fake, "AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/web");
  fake_variable(&t.fake, "AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
  assert_base(&t, "", PLAN_WEB_IDENTITY);
  assert_string_equal(t.plan.web.role.arn, "arn:aws:iam::123456789012:role/web");
  assert_string_equal(t.plan.web.token_file, "/token");
  assert_base(&t, "[default]\nregion = x", PLAN_WEB_IDENTITY);
  assert_base(&t, "[default]\n" KEYS, PLAN_STATIC);
  fake_variable(&t.fake, "AWS_ACCESS_KEY_ID", "ENVID");
  fake_variable(&t.fake, "AWS_SECRET_ACCESS_KEY", "ENVSECRET");
  assert_base(&t, "[default]\n" KEYS, PLAN_ENVIRONMENT);
  t.request.own_keys = true;
  assert_base(&t, "[default]\n" KEYS, PLAN_OPTIONS);
  t.request.anonymous = true;
  assert_base(&t, "[default]\n" KEYS, PLAN_ANONYMOUS);
  end(&t);
}

static void relative_uri_is_a_container(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  fake_variable(&t.fake, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
  assert_base(&t, "", PLAN_CONTAINER);
  end(&t);
}

static void profile_option_hides_the_environment(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  fake_variable(&t.fake, "AWS_ACCESS_KEY_ID", "ENVID");
  fake_variable(&t.fake, "AWS_SECRET_ACCESS_KEY", "ENVSECRET");
  fake_variable(&t.fake, "AWS_PROFILE", "b");
  assert_base(&t, "[profile b]\n" KEYS, PLAN_ENVIRONMENT); /* AWS_PROFILE does not */
  t.request.profile = "a";
  assert_base(&t, "[profile a]\naws_access_key_id = A\naws_secret_access_key = S\naws_session_token = T", PLAN_STATIC);
  assert_string_equal(t.plan.pair.access_key_id, "A");
  assert_string_equal(t.plan.pair.secret, "S");
  assert_string_equal(t.plan.pair.token, "T");
  assert_string_equal(t.plan.profile, "a");
  end(&t);
}

static void profile_by_variable(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  fake_variable(&t.fake, "AWS_PROFILE", "b");
  assert_base(&t, "[default]\naws_access_key_id = A\naws_secret_access_key = S\n[profile b]\n" KEYS, PLAN_STATIC);
  assert_string_equal(t.plan.pair.access_key_id, "ID");
  assert_string_equal(t.plan.label, "keys in profile \"b\"");
  assert_refused(&t, "[default]\n" KEYS, "there is no profile \"b\"");
  assert_base(&t, "[profile b]\nregion = x", PLAN_INSTANCE); /* a profile of settings only */
  end(&t);
}

static void order_in_a_profile(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  assert_base(&t, "[default]\ncredential_process = p --x\naws_account_id = 1", PLAN_PROCESS);
  assert_string_equal(t.plan.process.command, "p --x");
  assert_string_equal(t.plan.process.account, "1");
  assert_base(&t, "[default]\ncredential_process = p\n" KEYS, PLAN_STATIC);
#define SSO "sso_account_id = 1\nsso_role_name = r\nsso_region = eu-west-1\nsso_start_url = https://x\n"
  assert_base(&t, "[default]\n" SSO KEYS, PLAN_SSO);
  assert_string_equal(t.plan.sso.session, "");
  assert_string_equal(t.plan.sso.role, "r");
  assert_base(&t, "[default]\n" SSO KEYS ROLE("r") "web_identity_token_file = /t", PLAN_WEB_IDENTITY);
  assert_base(&t, "[default]\n" SSO KEYS ROLE("r") "source_profile = b\n[profile b]\n" KEYS, PLAN_STATIC);
  assert_int_equal(t.plan.n_roles, 1);
  end(&t);
}

static void nothing_is_configured(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  fake_variable(&t.fake, "AWS_EC2_METADATA_DISABLED", "TRUE");
  assert_base(&t, "", PLAN_NOTHING);
  end(&t);
  refused("a", "[profile a]\nregion = x", "profile \"a\" says nothing of credentials");
}

/* ---- halves and blanks ---- */

static void half_pairs_are_errors(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  fake_variable(&t.fake, "AWS_ACCESS_KEY_ID", "ENVID");
  fake_variable(&t.fake, "AWS_SECRET_ACCESS_KEY", " ");
  assert_refused(&t, "[default]\n" KEYS,
                 "AWS_ACCESS_KEY_ID is set in the environment but AWS_SECRET_ACCESS_KEY is not");
  end(&t);
  begin(&t);
  fake_variable(&t.fake, "AWS_SECRET_ACCESS_KEY", "ENVSECRET");
  assert_refused(&t, "", "AWS_SECRET_ACCESS_KEY is set in the environment but AWS_ACCESS_KEY_ID is not");
  assert_null(strstr(t.err.message, "ENVSECRET"));
  end(&t);
  begin(&t);
  fake_variable(&t.fake, "AWS_WEB_IDENTITY_TOKEN_FILE", "/t");
  assert_refused(&t, "", "AWS_ROLE_ARN is not");
  end(&t);
  refused(NULL, "[default]\naws_access_key_id = A\naws_secret_access_key =\n", "no aws_secret_access_key");
  refused(NULL, "[default]\naws_secret_access_key = S\n", "no aws_access_key_id");
}

static void blank_values_are_missing(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  fake_variable(&t.fake, "AWS_ACCESS_KEY_ID", "");
  fake_variable(&t.fake, "AWS_SECRET_ACCESS_KEY", " \t");
  fake_variable(&t.fake, "AWS_WEB_IDENTITY_TOKEN_FILE", " ");
  fake_variable(&t.fake, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "");
  assert_base(&t, "[default]\naws_access_key_id =\naws_secret_access_key =\nrole_arn =\n", PLAN_INSTANCE);
  fake_variable(&t.fake, "AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/web"); /* alone it says nothing */
  assert_base(&t, "", PLAN_INSTANCE);
  end(&t);
}

/* ---- roles ---- */

static void roles_in_order(void **state) {
  (void)state;
  struct try t;
  struct plan_role last = {"arn:aws:iam::123456789012:role/own", "id-1", "me", "eu-west-3", NULL, 900};
  begin(&t);
  t.request.role = &last;
  assert_base(&t,
              "[default]\n" ROLE("a") "source_profile = b\nduration_seconds = 3600\nexternal_id = id-a\n"
                                      "[profile b]\n" ROLE("b") "source_profile = c\nrole_session_name = sb\n"
                                                                "[profile c]\ncredential_process = p\n",
              PLAN_PROCESS);
  assert_int_equal(t.plan.n_roles, 3);
  assert_string_equal(t.plan.roles[0].arn, "arn:aws:iam::123456789012:role/b");
  assert_string_equal(t.plan.roles[0].session_name, "sb");
  assert_string_equal(t.plan.roles[0].external_id, "");
  assert_string_equal(t.plan.roles[0].where, "profile \"b\"");
  assert_string_equal(t.plan.roles[1].arn, "arn:aws:iam::123456789012:role/a");
  assert_string_equal(t.plan.roles[1].external_id, "id-a");
  assert_int_equal(t.plan.roles[1].duration_s, 3600);
  assert_string_equal(t.plan.roles[2].arn, "arn:aws:iam::123456789012:role/own");
  assert_string_equal(t.plan.roles[2].region, "eu-west-3");
  assert_int_equal(t.plan.roles[2].duration_s, 900);
  assert_string_equal(t.plan.base_profile, "c");
  assert_string_equal(t.plan.profile, "default");
  assert_string_equal(t.plan.label,
                      "credential_process of profile \"c\", then role arn:aws:iam::123456789012:role/b, then "
                      "role arn:aws:iam::123456789012:role/a, then role "
                      "arn:aws:iam::123456789012:role/own");
  end(&t);
}

static void named_sources(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  assert_base(&t, "[default]\n" ROLE("a") "credential_source = Environment", PLAN_ENVIRONMENT);
  assert_base(&t, "[default]\n" ROLE("a") "credential_source = EcsContainer", PLAN_CONTAINER);
  assert_base(&t, "[default]\n" ROLE("a") "credential_source = Ec2InstanceMetadata", PLAN_INSTANCE);
  assert_int_equal(t.plan.n_roles, 1);
  assert_string_equal(t.plan.imds_url, "http://169.254.169.254");
  assert_refused(&t, "[default]\n" ROLE("a") "credential_source = environment", "credential_source is \"environment\"");
  end(&t);
}

static void chains_that_end_badly(void **state) {
  (void)state;
  refused("a", "[profile a]\n" ROLE("a") "source_profile = a\n", "\"a\" is the source of credentials for \"a\"");
  refused("a", "[profile a]\n" ROLE("a") "source_profile = b\n[profile b]\n" ROLE("b") "source_profile = b\n",
          "\"b\" is the source of credentials for \"a\"");
  refused("a",
          "[profile a]\n" ROLE("a") "source_profile = b\n[profile b]\n" ROLE("b") "source_profile = c\n"
                                                                                  "[profile c]\n" ROLE(
                                                                                      "c") "source_profile = b\n",
          "in a loop by source_profile: a, b, c, b");
  refused("a", "[profile a]\n" ROLE("a") "source_profile = b\n[profile b]\n" ROLE("b"),
          "profile \"b\" has role_arn but does not say with whose credentials");
  refused("a", "[profile a]\n" ROLE("a") "credential_source = Environment\nmfa_serial = m\n", "has mfa_serial");
  refused("a", "[profile a]\n" ROLE("a") "web_identity_token_file = /t\nmfa_serial = m\n", "has mfa_serial");
  refused("a", "[profile a]\nlogin_session = x\n", "credential_process = aws configure export-credentials");
  refused("a", "[profile a]\nsso_session = s\n[sso-session s]\nsso_region = x\n", "needs sso_region and sso_start_url");
  refused("a", "[profile a]\nsso_account_id = 1\nsso_role_name = r\n", "needs sso_region and sso_start_url");
}

/* n profiles, each the source of the one before; the last has keys. */
static void write_chain(struct text *out, int n) {
  for (int i = 0; i < n; i++)
    text_printf(out, "[profile p%d]\n" ROLE("r") "source_profile = p%d\n", i, i + 1);
  text_printf(out, "[profile p%d]\n" KEYS, n);
}

static void long_chains(void **state) {
  (void)state;
  struct try t;
  struct text config = {0};
  struct plan_role own = {.arn = "arn:aws:iam::123456789012:role/own"};
  begin(&t);
  t.request.profile = "p0";
  write_chain(&config, PLAN_ROLES_MAX - 1);
  t.request.role = &own;
  assert_base(&t, text_get(&config), PLAN_STATIC);
  assert_int_equal(t.plan.n_roles, PLAN_ROLES_MAX);
  text_clear(&config);
  write_chain(&config, PLAN_ROLES_MAX);
  assert_refused(&t, text_get(&config), "more than 16 profiles");
  text_finish(&config);
  end(&t);
}

static void roles_are_checked(void **state) {
  (void)state;
  struct try t;
  struct plan_role own = {.arn = "arn:aws:iam::123456789012:role/own", .duration_s = 3601};
  refused("a", "[profile a]\nrole_arn = me\ncredential_source = Environment\n", "profile \"a\": \"me\" is no role");
  refused("a", "[profile a]\n" ROLE("a") "credential_source = Environment\nduration_seconds = 899\n",
          "900 s to 43200 s");
  refused("a", "[profile a]\n" ROLE("a") "credential_source = Environment\nduration_seconds = 1h\n", "no number");
  refused("a", "[profile a]\n" ROLE("a") "credential_source = Ec2InstanceMetadata\nduration_seconds = 3601\n",
          "at most 3600 s");
  refused("a", "[profile a]\n" ROLE("a") "web_identity_token_file = /t\nrole_session_name = x\n", "session name");
  begin(&t);
  t.request.own_keys = true;
  t.request.role = &own;
  assert_base(&t, "", PLAN_OPTIONS);
  t.request.own_keys = false;
  assert_refused(&t, "[default]\n" ROLE("a") "credential_source = Environment\n",
                 "duration: the role is assumed with another role's credentials");
  t.request.sts_endpoint = "http://127.0.0.1:8000"; /* which has rules of its own */
  assert_base(&t, "[default]\n" ROLE("a") "credential_source = Environment\n", PLAN_ENVIRONMENT);
  end(&t);
}

/* ---- the rest ---- */

static void places_of_services(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  assert_base(&t, "", PLAN_INSTANCE);
  assert_string_equal(t.plan.region, "us-east-1");
  assert_string_equal(t.plan.sts_url, "");
  fake_variable(&t.fake, "AWS_ENDPOINT_URL_STS", "http://sts");
  fake_variable(&t.fake, "AWS_ENDPOINT_URL_SSO", "http://sso");
  fake_variable(&t.fake, "AWS_ENDPOINT_URL_SSO_OIDC", "http://oidc");
  fake_variable(&t.fake, "AWS_REGION", "eu-west-1");
  fake_variable(&t.fake, "AWS_USE_FIPS_ENDPOINT", "true");
  assert_base(&t, "[default]\nuse_dualstack_endpoint = true\nsts_regional_endpoints = legacy\n", PLAN_INSTANCE);
  assert_string_equal(t.plan.region, "eu-west-1");
  assert_string_equal(t.plan.sts_url, "http://sts");
  assert_string_equal(t.plan.sso_url, "http://sso");
  assert_string_equal(t.plan.oidc_url, "http://oidc");
  assert_true(t.plan.fips && t.plan.dualstack && t.plan.sts_global);
  t.request.region = "eu-west-2";
  t.request.sts_endpoint = "http://own";
  assert_base(&t, "", PLAN_INSTANCE);
  assert_string_equal(t.plan.region, "eu-west-2");
  assert_string_equal(t.plan.sts_url, "http://own");
  assert_true(t.plan.fips && !t.plan.dualstack && !t.plan.sts_global);
  end(&t);
}

static void metadata_switches(void **state) {
  (void)state;
  struct try t;
  begin(&t);
  assert_base(&t, "", PLAN_INSTANCE);
  assert_true(t.plan.imds_v1_disabled);
  assert_base(&t, "[default]\nec2_metadata_v1_disabled = false\n", PLAN_INSTANCE);
  assert_false(t.plan.imds_v1_disabled);
  fake_variable(&t.fake, "AWS_EC2_METADATA_V1_DISABLED", "true");
  assert_base(&t, "[default]\nec2_metadata_v1_disabled = false\n", PLAN_INSTANCE);
  assert_true(t.plan.imds_v1_disabled);
  fake_variable(&t.fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5");
  assert_refused(&t, "", "\"IPv5\"");
  assert_base(&t, "[default]\n" KEYS, PLAN_STATIC); /* nobody asks there */
  end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_source_hides_the_next),
      cmocka_unit_test(relative_uri_is_a_container),
      cmocka_unit_test(profile_option_hides_the_environment),
      cmocka_unit_test(profile_by_variable),
      cmocka_unit_test(order_in_a_profile),
      cmocka_unit_test(nothing_is_configured),
      cmocka_unit_test(half_pairs_are_errors),
      cmocka_unit_test(blank_values_are_missing),
      cmocka_unit_test(roles_in_order),
      cmocka_unit_test(named_sources),
      cmocka_unit_test(chains_that_end_badly),
      cmocka_unit_test(long_chains),
      cmocka_unit_test(roles_are_checked),
      cmocka_unit_test(places_of_services),
      cmocka_unit_test(metadata_switches),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
