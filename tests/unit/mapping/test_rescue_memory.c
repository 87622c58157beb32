/* Every allocation of bringing a batch to the job's schema, with values to rescue, made to fail once. */
#include "core/run/conform.h"
#include "failing.h"
#include "kit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int add(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)rejects, (void)reject, (void)err;
  return SLUICE_OK;
}

/* With the n-th allocation failing; true if it was reached. */
static bool run(const struct ArrowSchema *from, const struct ArrowSchema *to, const struct conform_rescue *rescue,
                int64_t n) {
  struct sluice_rejects rejects = {add, NULL};
  struct conform *conform = NULL;
  struct sluice_batch batch;
  struct sluice_error err = {0};
  batch_init(&batch);
  kit_array(from,
            "[{\"a\":\"1\",\"b\":\"true\",\"m\":{\"x\":1},\"new\":5,"
            "\"o\":{\"p\":1,\"q\":\"new\",\"in\":{\"r\":1,\"s\":\"newer\"}}},{\"a\":\"x\",\"b\":\"no\"},"
            "{\"m\":{},\"new\":6}]",
            &batch.array);
  failing_in = n;
  int code = conform_create(from, to, "part", rescue, &conform, &err);
  if (!code)
    code = conform_apply(conform, &batch, &rejects, &err);
  bool reached = failing_in < 0;
  failing_in = -1;
  batch_release(&batch);
  conform_destroy(conform);
  if (code != (reached ? SLUICE_ERR_MEMORY : SLUICE_OK))
    fail_msg("allocation %lld: code %d: %s", (long long)n, code, err.message);
  return reached;
}

static void survives_every_failed_allocation(void **state) {
  struct conform_rescue rescue = {"_rescued", true, true, NULL};
  struct ArrowSchema from, to, plain;
  int64_t n = 0, m = 0;
  (void)state;
  kit_schema("{a:u,b:u,m:{x:l},new:l,o:{p:l,q:u,in:{r:l,s:u}}}", &from);
  kit_schema("{a:l,b:b,m:l,gone:u,o:{in:{r:l},p:l},_rescued:u}", &to);
  kit_schema("{a:l,b:u,gone:u,o:{p:s}}", &plain);
  while (run(&from, &to, &rescue, n))
    n++;
  while (run(&from, &plain, NULL, m))
    m++;
  sluice_schema_release(&from);
  sluice_schema_release(&to);
  sluice_schema_release(&plain);
  printf("%lld and %lld allocations failed\n", (long long)n, (long long)m);
  assert_true(n > 60 && m > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(survives_every_failed_allocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
