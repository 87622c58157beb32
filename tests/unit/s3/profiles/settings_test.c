/* Region, endpoints and switches from the environment and the profile. */
#include "corpus.h"
#include "identity/settings.h"
#include <stdlib.h>
#include <string.h>

static int read_settings(struct fake_world *fake, const char *config, struct settings *out, struct sluice_error *err) {
  struct profiles *profiles = NULL;
  *err = (struct sluice_error){.message = ""};
  assert_int_equal(profiles_parse(config, NULL, &profiles, err), SLUICE_OK);
  int status = settings_read(&fake->world, profiles, "p", out, err);
  profiles_destroy(profiles);
  return status;
}

static struct settings get(struct fake_world *fake, const char *config) {
  struct settings settings;
  struct sluice_error err;
  if (read_settings(fake, config, &settings, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  return settings;
}

static void refused(const char *variable, const char *value, const char *config, const char *says) {
  struct fake_world fake;
  struct settings settings;
  struct sluice_error err;
  fake_init(&fake);
  if (variable)
    fake_variable(&fake, variable, value);
  assert_int_equal(read_settings(&fake, config, &settings, &err), SLUICE_ERR_CONFIG);
  assert_says(&err, says);
  fake_finish(&fake);
}

static void regions(void **state) {
  (void)state;
  struct fake_world fake;
  fake_init(&fake);
  assert_string_equal(get(&fake, "").region, "");
  assert_string_equal(get(&fake, "[profile p]\nregion = a\n").region, "a");
  assert_string_equal(get(&fake, "[profile p]\nregion = a\n").region_from, "profile p");
  fake_variable(&fake, "AWS_DEFAULT_REGION", "b");
  assert_string_equal(get(&fake, "[profile p]\nregion = a\n").region, "b");
  assert_string_equal(get(&fake, "").region_from, "AWS_DEFAULT_REGION");
  fake_variable(&fake, "AWS_REGION", "c");
  assert_string_equal(get(&fake, "").region, "c");
  fake_finish(&fake);
  refused("AWS_REGION", "a123456789012345678901234567890123456789012345678901234567890123", "",
          "AWS_REGION: the region");
}

static void switches(void **state) {
  (void)state;
  struct fake_world fake;
  fake_init(&fake);
  struct settings s = get(&fake, "");
  assert_false(s.fips || s.dualstack || s.sts_global);
  s = get(&fake, "[profile p]\nuse_fips_endpoint = True\nuse_dualstack_endpoint = true\n"
                 "sts_regional_endpoints = legacy\n");
  assert_true(s.fips && s.dualstack && s.sts_global);
  fake_variable(&fake, "AWS_USE_FIPS_ENDPOINT", "false");
  fake_variable(&fake, "AWS_USE_DUALSTACK_ENDPOINT", "TRUE");
  fake_variable(&fake, "AWS_STS_REGIONAL_ENDPOINTS", "regional");
  s = get(&fake, "[profile p]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = false\n"
                 "sts_regional_endpoints = legacy\n");
  assert_true(!s.fips && s.dualstack && !s.sts_global);
  fake_finish(&fake);
  refused("AWS_USE_FIPS_ENDPOINT", "yes", "", "AWS_USE_FIPS_ENDPOINT is \"yes\"; it can be true or false");
  refused("AWS_USE_DUALSTACK_ENDPOINT", "1", "", "AWS_USE_DUALSTACK_ENDPOINT is \"1\"");
  refused(NULL, NULL, "[profile p]\nuse_fips_endpoint = on\n", "use_fips_endpoint is \"on\"");
  refused("AWS_STS_REGIONAL_ENDPOINTS", "global", "", "it can be regional or legacy");
}

static void endpoints_of_each_service(void **state) {
  (void)state;
  struct fake_world fake;
  fake_init(&fake);
  const char *config = "[profile p]\nservices = s\nendpoint_url = http://all\n"
                       "[services s]\nsts =\n endpoint_url = http://sts\nsso_oidc =\n endpoint_url = http://oidc\n"
                       "s3 =\n endpoint_url =\n";
  struct settings s = get(&fake, config);
  assert_string_equal(s.sts_url, "http://sts");
  assert_string_equal(s.oidc_url, "http://oidc");
  assert_string_equal(s.sso_url, "http://all");
  assert_string_equal(s.s3_url, "http://all"); /* its own is blank */
  assert_string_equal(s.s3_url_from, "endpoint_url of profile \"p\"");
  fake_variable(&fake, "AWS_ENDPOINT_URL_SSO_OIDC", "https://oidc.env");
  fake_variable(&fake, "AWS_ENDPOINT_URL_S3", "https://s3.env:8000/base");
  s = get(&fake, config);
  assert_string_equal(s.oidc_url, "https://oidc.env");
  assert_string_equal(s.s3_url, "https://s3.env:8000/base");
  assert_string_equal(s.s3_url_from, "AWS_ENDPOINT_URL_S3");
  assert_string_equal(s.sts_url, "http://sts");
  fake_variable(&fake, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
  s = get(&fake, config);
  assert_true(!s.s3_url[0] && !s.sts_url[0] && !s.sso_url[0] && !s.oidc_url[0]);
  fake_finish(&fake);
}

static void endpoints_that_are_none(void **state) {
  (void)state;
  struct text config = {0};
  refused("AWS_ENDPOINT_URL_S3", "s3.example.net", "", "AWS_ENDPOINT_URL_S3 is no http or https URL");
  refused("AWS_ENDPOINT_URL", "http://a b", "", "AWS_ENDPOINT_URL is no");
  refused("AWS_ENDPOINT_URL", "file:///etc/passwd", "", "AWS_ENDPOINT_URL is no");
  refused("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "2", "", "it can be true or false");
  refused(NULL, NULL, "[profile p]\nservices = s\n[services s]\nsts =\n endpoint_url = ftp://x\n s = http://",
          "endpoint_url of profile \"p\" is no");
  text_puts(&config, "[profile p]\nendpoint_url = http://");
  for (int i = 0; i < SETTINGS_URL_MAX - 7; i++)
    text_puts(&config, "x");
  refused(NULL, NULL, text_get(&config), "at most 1023 bytes");
  text_finish(&config);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(regions),
      cmocka_unit_test(switches),
      cmocka_unit_test(endpoints_of_each_service),
      cmocka_unit_test(endpoints_that_are_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
