/* The official endpoint cases of STS. */
#include "../check.h"
#include "address/endpoint.h"
#include "address/service.h"
#include "cases.h"

/* As identity does where an endpoint is configured. */
static int own_endpoint(const struct one_case *one, char *url, size_t size, struct sluice_error *err) {
  struct endpoint endpoint;
  int status = endpoint_parse(case_text(one, "Endpoint"), "endpoint", ADDRESSING_PATH, &endpoint, err);
  if (status != SLUICE_OK)
    return status;
  endpoint.fips = case_true(one, "UseFIPS");
  endpoint.dualstack = case_true(one, "UseDualStack");
  status = endpoint_check(&endpoint, err);
  if (status == SLUICE_OK)
    snprintf(url, size, "%s://%s%s%s", endpoint.https ? "https" : "http", endpoint.host, endpoint.port, endpoint.base);
  return status;
}

static int regional(const struct one_case *one, struct service_address *out, struct sluice_error *err) {
  struct service_place place = {.region = case_text(one, "Region"),
                                .fips = case_true(one, "UseFIPS"),
                                .dualstack = case_true(one, "UseDualStack"),
                                .global = case_true(one, "UseGlobalEndpoint")};
  return service_address(SERVICE_STS, &place, out, err);
}

static void run(struct cases *cases, const struct one_case *one) {
  char url[1024] = "";
  struct service_address regional_one = {.url = ""};
  struct sluice_error err = {0};
  bool own = case_text(one, "Endpoint") != NULL;
  int status = own ? own_endpoint(one, url, sizeof url, &err) : regional(one, &regional_one, &err);
  const char *have = own ? url : regional_one.url;
  cases->ran++;
  if (one->error) {
    cases_compare(cases, one, "outcome", "refused", status == SLUICE_ERR_CONFIG ? "refused" : have);
    return;
  }
  cases_compare(cases, one, "url", one->url, status == SLUICE_OK ? have : err.message);
  if (one->signing_region && status == SLUICE_OK)
    cases_compare(cases, one, "signing region", one->signing_region, regional_one.signing_region);
}

static void official(void **state) {
  (void)state;
  struct cases cases;
  if (!cases_open("endpoint-tests-sts.json", &cases))
    return;
  for (size_t i = 0; i < cases_count(&cases); i++) {
    struct one_case one;
    cases_get(&cases, i, &one);
    run(&cases, &one);
  }
  assert_int_equal(cases_close(&cases, "endpoint-tests-sts.json"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(official)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
