/* Every allocation of creating, binding and applying a mapping made to fail once: a clear error, no leak. */
#include "failing.h"
#include "kit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int add(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)rejects, (void)reject, (void)err;
  return SLUICE_OK;
}

static int apply(const struct mapping_spec *spec, const struct ArrowSchema *schema, struct ArrowArray *in,
                 struct sluice_error *err) {
  struct sluice_rejects rejects = {add, NULL};
  struct mapping *mapping = NULL;
  struct mapping_bound *bound = NULL;
  struct ArrowSchema want = {0};
  struct ArrowArray out = {0};
  uint8_t keep[4] = {1, 1, 1, 1};
  int code = mapping_create(spec, &mapping, err);
  if (!code)
    code = mapping_want(mapping, schema, &want);
  if (!code)
    code = mapping_bind(mapping, schema, &bound, err);
  if (!code)
    code = mapping_apply(bound, in, 1, &rejects, keep, &out, err);
  sluice_array_release(&out);
  sluice_schema_release(&want);
  mapping_unbind(bound);
  mapping_destroy(mapping);
  return code;
}

/* With the n-th allocation failing; true if it was reached. */
static bool run(const struct mapping_spec *spec, const struct ArrowSchema *schema, const char *rows, int64_t n) {
  struct ArrowArray in;
  struct sluice_error err = {0};
  kit_array(schema, rows, &in);
  failing_in = n;
  int code = apply(spec, schema, &in, &err);
  bool reached = failing_in < 0;
  failing_in = -1;
  sluice_array_release(&in);
  if (code != (reached ? SLUICE_ERR_MEMORY : SLUICE_OK))
    fail_msg("allocation %lld: code %d: %s", (long long)n, code, err.message);
  return reached;
}

static void survives_every_failed_allocation(void **state) {
  struct mapping_spec spec = {KIT_RULES({.from = "n", .to = "a.n", .type = "string", .default_value = "-1"},
                                        {.from = "t", .type = "int64"}, {.from = "m.x", .to = "x"},
                                        {.from = "ids", .to = "i[].id", .type = "string"},
                                        {.from = "m.y", .to = "i[].n"}, {.from = "t", .to = "l[]", .required = true},
                                        {.value = "k", .to = "l[]"}, {.from = "n", .to = "p[0].a"},
                                        {.null = true, .to = "p[1].b"}, {.from = "gone", .exclude = true}),
                              true, "_rescued"};
  struct ArrowSchema schema;
  int64_t n = 0;
  (void)state;
  kit_schema("{n:l,t:u,m:{x:l,y:u,z:u},ids:[l],gone:u,_rescued:u,more:u}", &schema);
  while (run(&spec, &schema,
             "[{\"n\":1,\"t\":\"2\",\"m\":{\"x\":1,\"y\":\"b\",\"z\":\"c\"},\"ids\":[1,2],\"more\":\"x\"},"
             "{\"t\":\"two\",\"m\":{}},{\"m\":null,\"ids\":[]}]",
             n))
    n++;
  sluice_schema_release(&schema);
  printf("%lld allocations failed\n", (long long)n);
  assert_true(n > 300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_failed_allocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
