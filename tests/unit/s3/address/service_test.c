/* Endpoints of STS, the SSO portal and OIDC beyond the official cases of STS. */
#include "../check.h"
#include "address/service.h"

static void is(enum service service, struct service_place place, const char *url, const char *signing_region) {
  struct service_address have;
  struct sluice_error err = {0};
  assert_int_equal(service_address(service, &place, &have, &err), SLUICE_OK);
  assert_string_equal(have.url, url);
  assert_string_equal(have.signing_region, signing_region);
}

static void sso(void **state) {
  (void)state;
  struct service_place paris = {.region = "eu-west-3"}, china = {.region = "cn-north-1"};
  struct service_place fips = {.region = "us-east-2", .fips = true}, gov = {.region = "us-gov-west-1", .fips = true};
  struct service_place dual = {.region = "us-east-2", .dualstack = true};
  struct service_place both = {.region = "us-gov-west-1", .fips = true, .dualstack = true};
  is(SERVICE_SSO, paris, "https://portal.sso.eu-west-3.amazonaws.com", "eu-west-3");
  is(SERVICE_SSO, china, "https://portal.sso.cn-north-1.amazonaws.com.cn", "cn-north-1");
  is(SERVICE_SSO, fips, "https://portal.sso-fips.us-east-2.amazonaws.com", "us-east-2");
  is(SERVICE_SSO, gov, "https://portal.sso.us-gov-west-1.amazonaws.com", "us-gov-west-1");
  is(SERVICE_SSO, dual, "https://portal.sso.us-east-2.api.aws", "us-east-2");
  is(SERVICE_SSO, both, "https://portal.sso-fips.us-gov-west-1.api.aws", "us-gov-west-1");
}

static void oidc(void **state) {
  (void)state;
  struct service_place paris = {.region = "eu-west-3"}, brandenburg = {.region = "eusc-de-east-1"};
  struct service_place gov = {.region = "us-gov-east-1", .fips = true};
  struct service_place global = {.region = "us-east-1", .global = true};
  is(SERVICE_SSO_OIDC, paris, "https://oidc.eu-west-3.amazonaws.com", "eu-west-3");
  is(SERVICE_SSO_OIDC, brandenburg, "https://oidc.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1");
  is(SERVICE_SSO_OIDC, gov, "https://oidc.us-gov-east-1.amazonaws.com", "us-gov-east-1");
  is(SERVICE_SSO_OIDC, global, "https://oidc.us-east-1.amazonaws.com", "us-east-1");
}

static void sts(void **state) {
  (void)state;
  struct service_place iso_e = {.region = "eu-isoe-west-1"}, iso_f = {.region = "us-isof-south-1"};
  struct service_place fips = {.region = "aws-global", .fips = true};
  struct service_place regional = {.region = "us-east-1"};
  struct service_place dual = {.region = "us-east-1", .global = true, .dualstack = true};
  is(SERVICE_STS, iso_e, "https://sts.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1");
  is(SERVICE_STS, iso_f, "https://sts.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1");
  is(SERVICE_STS, fips, "https://sts-fips.us-east-1.amazonaws.com", "us-east-1");
  is(SERVICE_STS, regional, "https://sts.us-east-1.amazonaws.com", "us-east-1");
  is(SERVICE_STS, dual, "https://sts.us-east-1.api.aws", "us-east-1");
}

static void hostile_regions(void **state) {
  (void)state;
  const char *const regions[] = {NULL,
                                 "",
                                 "evil.example.com/",
                                 "eu-west-3@evil.example.com",
                                 "EU-WEST-3",
                                 "a b",
                                 "a-region-name-that-is-so-long-that-no-header-should-ever-hold-it-x"};
  for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
    struct service_address have = {.url = "untouched"};
    struct service_place place = {.region = regions[i]};
    struct sluice_error err = {0};
    assert_int_equal(service_address(SERVICE_STS, &place, &have, &err), SLUICE_ERR_CONFIG);
    assert_string_equal(err.where, "region");
    assert_string_equal(have.url, "untouched");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sso), cmocka_unit_test(oidc), cmocka_unit_test(sts),
                                     cmocka_unit_test(hostile_regions)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
