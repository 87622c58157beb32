/* One instance, bound once, and applied by several threads at once. */
#include "kit.h"
#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 4, BATCHES = 50, ROWS = 3000 };
static const struct kit_field fields[] = {{"id", "l"}, {"p", "u"}, {NULL, NULL}};

struct worker {
  pthread_t thread;
  struct model *model;
  void *bound;
  const struct ArrowSchema *schema;
  int index;
  int64_t kept, rejected, failed;
};

static int count(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)reject, (void)err;
  ++*(int64_t *)rejects->private_data;
  return SLUICE_OK;
}

/* Every tenth row has no label; longer and longer batches make the constants grow. */
static int make(const struct ArrowSchema *schema, int64_t rows, struct ArrowArray *out) {
  struct sluice_builder *b;
  struct sluice_error err = {0};
  int code = sluice_builder_create(schema, &b, &err);
  for (int64_t i = 0; i < rows && !code; i++) {
    struct sluice_builder *label = sluice_builder_child(b, 1);
    code = sluice_builder_int(sluice_builder_child(b, 0), i);
    if (!code)
      code = i % 10 ? sluice_builder_bytes(label, "yes", 3) : sluice_builder_null(label);
    if (!code)
      code = sluice_builder_end(b);
  }
  if (!code)
    code = sluice_builder_finish(b, out, &err);
  sluice_builder_destroy(b);
  return code;
}

static void *work(void *context) {
  struct worker *w = context;
  struct sluice_rejects rejects = {count, &w->rejected};
  for (int i = 0; i < BATCHES; i++) {
    struct sluice_batch in = {.struct_size = sizeof in}, out = {.struct_size = sizeof out};
    struct sluice_error err = {0};
    if (make(w->schema, (i + 1) * ROWS / BATCHES + w->index, &in.array) ||
        model_apply(w->model, w->bound, &in, &rejects, &out, &err)) {
      w->failed++;
      continue;
    }
    w->kept += out.array.length;
    sluice_array_release(&out.array);
  }
  return NULL;
}

static int64_t expected(int index, bool kept) {
  int64_t n = 0;
  for (int i = 0; i < BATCHES; i++) {
    int64_t rows = (i + 1) * ROWS / BATCHES + index, bad = (rows + 9) / 10;
    n += kept ? rows - bad : bad;
  }
  return n;
}

static void threads_at_once(void **state) {
  struct kit kit;
  struct ArrowSchema in, out;
  void *bound;
  struct worker workers[THREADS];
  (void)state;
  kit_init(&kit, "{\"prediction_id\":\"id\",\"prediction_label\":\"p\"}");
  assert_int_equal(kit_open(&kit), SLUICE_OK);
  assert_int_equal(kit_make_schema(fields, &in), SLUICE_OK);
  assert_int_equal(model_bind(kit.model, &in, &out, &bound, &kit.err), SLUICE_OK);
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (struct worker){.model = kit.model, .bound = bound, .schema = &in, .index = i};
    assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(workers[i].failed, 0);
    assert_int_equal(workers[i].kept, expected(i, true));
    assert_int_equal(workers[i].rejected, expected(i, false));
  }
  model_unbind(kit.model, bound);
  sluice_schema_release(&in);
  sluice_schema_release(&out);
  kit_finish(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(threads_at_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
