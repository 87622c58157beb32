/* Chains of profiles against the official cases; and where the EC2 metadata service is. */
#include "corpus.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a plan as the official cases write a chain ---- */

static void put(json_t *object, const char *name, const char *value) {
  if (value[0])
    json_object_set_new(object, name, json_string(value));
}

static json_t *role_json(const struct plan_role *role) {
  json_t *out = json_object();
  put(out, "role_arn", role->arn);
  put(out, "external_id", role->external_id);
  put(out, "role_session_name", role->session_name);
  return out;
}

static json_t *static_json(const struct plan *plan) {
  json_t *out = json_object();
  put(out, "access_key_id", plan->pair.access_key_id);
  put(out, "secret_access_key", plan->pair.secret);
  put(out, "session_token", plan->pair.token);
  put(out, "account_id", plan->pair.account);
  return out;
}

static json_t *sso_json(const struct plan *plan) {
  json_t *out = json_object();
  put(out, "sso_session", plan->sso.session);
  put(out, "sso_region", plan->sso.region);
  put(out, "sso_start_url", plan->sso.start_url);
  put(out, "sso_account_id", plan->sso.account);
  put(out, "sso_role_name", plan->sso.role);
  return out;
}

static json_t *web_json(const struct plan *plan) {
  json_t *out = role_json(&plan->web.role);
  put(out, "web_identity_token_file", plan->web.token_file);
  return out;
}

static json_t *base_json(const struct plan *plan) {
  switch (plan->base) {
  case PLAN_STATIC:
    return json_pack("{so}", "AccessKey", static_json(plan));
  case PLAN_SSO:
    return json_pack("{so}", "Sso", sso_json(plan));
  case PLAN_WEB_IDENTITY:
    return json_pack("{so}", "WebIdentityToken", web_json(plan));
  case PLAN_ENVIRONMENT:
    return json_pack("{ss}", "NamedSource", "Environment");
  case PLAN_CONTAINER:
    return json_pack("{ss}", "NamedSource", "EcsContainer");
  case PLAN_INSTANCE:
    return json_pack("{ss}", "NamedSource", "Ec2InstanceMetadata");
  default:
    return json_pack("{si}", "base", (int)plan->base);
  }
}

static json_t *chain_json(const struct plan *plan) {
  json_t *chain = json_array();
  json_array_append_new(chain, base_json(plan));
  for (size_t i = 0; i < plan->n_roles; i++)
    json_array_append_new(chain, json_pack("{so}", "AssumeRole", role_json(&plan->roles[i])));
  return chain;
}

/* ---- chains ---- */

static const struct wording wordings[] = {
    {"profile must contain `source_profile`", "add source_profile or credential_source"},
    {"both source_profile and credential_source", "both source_profile and credential_source"},
    {"missing aws_secret_access_key", "but no aws_secret_access_key"},
    {"missing aws_access_key_id", "but no aws_access_key_id"},
    {"`B` did not contain credential", "profile \"B\" is the source of credentials for \"A\" but has none"},
    {"`A` did not contain credential", "profile \"A\" says nothing of credentials"},
    {"could not find source profile B", "source_profile \"B\", which does not exist"},
    {"No profiles were defined", "there is no profile \"A\""},
    {"infinite loop", "in a loop by source_profile: A, B, A"},
    {"`role_arn` was missing", "web_identity_token_file but no role_arn"},
    {"if `sso_role_name` is set", "sso_role_name is given without sso_account_id"},
    {"if `sso_account_id` is set", "sso_account_id is given without sso_role_name"},
    {"`sso_region` can only be specified", "belong in the [sso-session]"},
    {"sso-session named `oops`", "there is no [sso-session oops]"},
};

static int resolve(const json_t *input, struct plan *plan, struct sluice_error *err) {
  struct fake_world fake;
  struct profiles *profiles = NULL;
  struct text config = {0};
  struct plan_request request = {.profile = corpus_text(input, "selected_profile")};
  fake_init(&fake);
  corpus_write_sections(&config, "profile", json_object_get(input, "profiles"));
  corpus_write_sections(&config, "sso-session", json_object_get(input, "sso_sessions"));
  int status = profiles_parse(text_get(&config), NULL, &profiles, err);
  assert_int_equal(status, SLUICE_OK);
  status = plan_resolve(&fake.world, profiles, &request, plan, err);
  text_finish(&config);
  profiles_destroy(profiles);
  fake_finish(&fake);
  return status;
}

static bool same_chain(const struct plan *plan, const json_t *want) {
  json_t *have = chain_json(plan);
  bool same = json_equal(have, want);
  if (!same)
    print_difference(want, have);
  json_decref(have);
  return same;
}

static bool run_case(const json_t *one) {
  const json_t *output = json_object_get(one, "output");
  const char *error = corpus_text(output, "Error");
  struct plan plan = {.label = NULL};
  struct sluice_error err = {.message = ""};
  int status = resolve(json_object_get(one, "input"), &plan, &err);
  bool ok = status == (error ? SLUICE_ERR_CONFIG : SLUICE_OK);
  if (!ok)
    printf("status %d: %s\n", status, err.message);
  else if (error)
    assert_same_error(wordings, sizeof wordings / sizeof *wordings, error, &err);
  else
    ok = same_chain(&plan, json_object_get(output, "ProfileChain"));
  plan_finish(&plan);
  return ok;
}

static void official_chains(void **state) {
  (void)state;
  json_t *tests = corpus_open("aws-config/assume-role-tests.json"), *one;
  size_t i, failed = 0;
  json_array_foreach(tests, i, one) {
    if (run_case(one))
      continue;
    printf("differs: %s\n", corpus_text(one, "docs"));
    failed++;
  }
  if (tests)
    printf("assume-role-tests: %zu of %zu cases ran, none left out\n", i, json_array_size(tests));
  assert_true(!tests || i > 0);
  assert_int_equal(failed, 0);
  json_decref(tests);
}

/* ---- EC2 ---- */

static const struct wording imds_wordings[] = {
    {"`error` is not a valid endpoint mode", "\"error\"; it can be IPv4 or IPv6"},
    {"`IPv7` is not a valid endpoint mode", "\"IPv7\"; it can be IPv4 or IPv6"},
    {"invalid uri character", "\"not a uri\", is no http or https URL"},
};

static int resolve_instance(const json_t *one, struct plan *plan, struct sluice_error *err) {
  struct fake_world fake;
  struct profiles *profiles = NULL;
  struct plan_request request = {.profile = NULL};
  const char *path;
  json_t *text;
  fake_init(&fake);
  fake_variables(&fake, json_object_get(one, "env"));
  json_object_foreach(json_object_get(one, "fs"), path, text) fake_file(&fake, path, json_string_value(text));
  int status = profiles_load(&fake.world, &profiles, err);
  assert_int_equal(status, SLUICE_OK);
  status = plan_resolve(&fake.world, profiles, &request, plan, err);
  profiles_destroy(profiles);
  fake_finish(&fake);
  return status;
}

static void run_instance_case(const json_t *one) {
  const char *url = corpus_text(json_object_get(one, "result"), "Ok");
  struct plan plan = {.label = NULL};
  struct sluice_error err = {.message = ""};
  char have[256];
  int status = resolve_instance(one, &plan, &err);
  assert_int_equal(status, url ? SLUICE_OK : SLUICE_ERR_CONFIG);
  if (url) {
    assert_int_equal(plan.base, PLAN_INSTANCE);
    snprintf(have, sizeof have, "%s/latest/api/token", plan.imds_url);
    assert_string_equal(have, url);
  } else
    assert_same_error(imds_wordings, sizeof imds_wordings / sizeof *imds_wordings,
                      corpus_text(json_object_get(one, "result"), "Err"), &err);
  plan_finish(&plan);
}

static void official_metadata_places(void **state) {
  (void)state;
  json_t *root = corpus_open("aws-config/imds-config/imds-endpoint-tests.json");
  json_t *tests = json_object_get(root, "tests"), *one;
  size_t i, ran = 0, left_out = 0;
  json_array_foreach(tests, i, one) {
    bool other = json_object_get(one, "endpoint_override") || json_object_get(one, "mode_override");
    left_out += other;
    ran += !other;
    if (!other)
      run_instance_case(one);
  }
  if (root)
    printf("imds-endpoint-tests: %zu of %zu cases ran; left out %zu: they set the place by a program's own call, which "
           "Sluice has no option for\n",
           ran, json_array_size(tests), left_out);
  assert_true(!root || ran > 0);
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(official_chains),
      cmocka_unit_test(official_metadata_places),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
