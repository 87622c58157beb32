/* Full refresh over HTTP: the receiver's table is the old generation until the commit, then the new one. */
#include "cmocka_all.h"
#include "things.h"

static struct receiver receiver;
static struct sender sender;
static char urls[4][160];

static const struct sluice_commit *power(void) {
  return sender_component()->base->extension(SLUICE_COMMIT);
}

static void start(const char *fault) {
  static const char *const steps[] = {"begin", "commit", "abort", "current?delivery={delivery}"};
  const char *arguments[] = {"--key", "id", fault ? "--fault" : NULL, fault, NULL};
  receiver_start(&receiver, arguments);
  things_init(&sender, &receiver);
  for (int i = 0; i < 4; i++)
    snprintf(urls[i], sizeof urls[i], "http://127.0.0.1:%u/_recv/generation/%s", receiver.port, steps[i]);
  sender.options.begin_url = urls[0];
  sender.options.commit_url = urls[1];
  sender.options.abort_url = urls[2];
  sender.options.current_url = urls[3];
}

static void open_sink(void) {
  assert_int_equal(sender_component()->open(&sender.host.host, &sender.options, &sender.sink, &sender.err), SLUICE_OK);
}

static void open_writer(int64_t generation) {
  const struct sluice_stream stream = {.struct_size = sizeof stream,
                                       .name = "s",
                                       .delivery = "d \xc3\xa9&",
                                       .generation = generation,
                                       .rejects = &sender.rejects.rejects};
  if (sender.writer)
    sender.writer->release(sender.writer);
  sender.writer = NULL;
  assert_int_equal(sender_component()->writer(sender.sink, &stream, sender.schema, &sender.writer, &sender.err),
                   SLUICE_OK);
}

static void end(void) {
  sender_close(&sender);
  receiver_remove(&receiver);
}

static int send_all(const struct thing *things, int64_t n) {
  struct sluice_batch batch = things_batch(0, 0, things, n, NULL);
  int status = sender_put(&sender, &batch);
  if (status == SLUICE_OK)
    status = sender_flush(&sender);
  sluice_array_release(&batch.array);
  return status;
}

static int step(int (*call)(void *, const char *, int64_t, struct sluice_error *), int64_t generation) {
  memset(&sender.err, 0, sizeof sender.err);
  return call(sender.sink, "d \xc3\xa9&", generation, &sender.err);
}

static int64_t current(void) {
  int64_t generation = -1;
  assert_int_equal(power()->current(sender.sink, "d \xc3\xa9&", &generation, &sender.err), SLUICE_OK);
  return generation;
}

static const struct thing first[] = {{1, 10, 0}, {2, 20, 0}, {3, 30, 0}},
                          second[] = {{2, 22, 0}, {4, 40, 0}, {5, 50, 0}};

static void refresh_twice(void) {
  struct model model = {{0}}, none = {{0}};
  open_sink();
  assert_int_equal(current(), 0);
  assert_int_equal(step(power()->begin, 1), SLUICE_OK);
  assert_int_equal(step(power()->begin, 1), SLUICE_OK);
  open_writer(1);
  assert_int_equal(send_all(first, 3), SLUICE_OK);
  model_check(&none, &receiver);
  assert_int_equal(step(power()->commit, 1), SLUICE_OK);
  assert_int_equal(step(power()->commit, 1), SLUICE_OK);
  model_apply(&model, first, 3);
  model_check(&model, &receiver);
  assert_int_equal(current(), 1);
  assert_int_equal(step(power()->begin, 2), SLUICE_OK);
  open_writer(2);
  assert_int_equal(send_all(first, 3), SLUICE_OK); /* the same unit and rows as before, under other keys */
  assert_int_equal(step(power()->abort, 2), SLUICE_OK);
  model_check(&model, &receiver);
  assert_int_equal(step(power()->begin, 3), SLUICE_OK);
  open_writer(3);
  assert_int_equal(send_all(second, 3), SLUICE_OK); /* rows of the same numbers */
  model_check(&model, &receiver);
  assert_int_equal(step(power()->commit, 3), SLUICE_OK);
  assert_int_equal(current(), 3);
  model_apply(&none, second, 3);
  model_check(&none, &receiver);
  assert_int_equal(receiver_count(&receiver, "duplicates_other_body"), 0);
}

static void old_until_commit(void **state) {
  (void)state;
  start(NULL);
  refresh_twice();
  end();
}

static void calls_are_tried_again(void **state) {
  (void)state;
  const char *const faults[] = {"/_recv/generation/* 503 every=2", "/_recv/generation/* cut-after-store every=2",
                                "/_recv/generation/* 409 every=3", "/_recv/generation/* cut every=2",
                                "/_recv/generation/commit 429 retry-after=1 times=1"};
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    start(faults[i]);
    refresh_twice();
    end();
  }
}

static void refusals(void **state) {
  (void)state;
  const struct {
    const char *fault;
    int status, detail;
  } cases[] = {{"* 401", SLUICE_ERR_AUTH, 401},   {"* 403", SLUICE_ERR_AUTH, 403},   {"* 404", SLUICE_ERR_CONFIG, 404},
               {"* 400", SLUICE_ERR_CONFIG, 400}, {"* 422", SLUICE_ERR_CONFIG, 422}, {"* 302", SLUICE_ERR_CONFIG, 302}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    start(cases[i].fault);
    open_sink();
    assert_int_equal(step(power()->begin, 1), cases[i].status);
    assert_int_equal(sender.err.detail, cases[i].detail);
    assert_string_equal(sender.err.where, urls[0]);
    end();
  }
}

static void spent_attempts(void **state) {
  (void)state;
  start("* 500");
  sender.options.max_attempts = 2;
  open_sink();
  assert_int_equal(step(power()->begin, 1), SLUICE_ERR_RETRY);
  assert_true(sender.err.retry_ms > 0);
  assert_non_null(strstr(sender.err.message, "2 attempts"));
  end();
}

static void cancelled(void **state) {
  (void)state;
  start("* 503 retry-after=60");
  open_sink();
  fake_host_cancel(&sender.host);
  long long before = sender_now_ms();
  assert_int_equal(step(power()->begin, 1), SLUICE_ERR_CANCELLED);
  assert_true(sender_now_ms() - before < 1000);
  end();
}

/* Records of a generation that the server does not know end the run; they do not go to the old one. */
static void not_begun(void **state) {
  (void)state;
  struct model none = {{0}};
  start(NULL);
  open_sink();
  open_writer(7);
  assert_int_equal(send_all(first, 3), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(sender.err.message, "not open"));
  assert_int_equal(step(power()->commit, 7), SLUICE_ERR_CONFIG);
  model_check(&none, &receiver);
  end();
}

static void not_set(void **state) {
  (void)state;
  int64_t generation = 0;
  struct sluice_position position;
  start(NULL);
  sender.options.begin_url = sender.options.commit_url = sender.options.abort_url = sender.options.current_url = NULL;
  open_sink();
  assert_int_equal(step(power()->begin, 1), SLUICE_ERR_UNSUPPORTED);
  assert_non_null(strstr(sender.err.message, "begin_url and commit_url"));
  assert_int_equal(step(power()->commit, 1), SLUICE_ERR_UNSUPPORTED);
  assert_int_equal(step(power()->abort, 1), SLUICE_ERR_UNSUPPORTED);
  memset(&sender.err, 0, sizeof sender.err);
  assert_int_equal(power()->current(sender.sink, "d", &generation, &sender.err), SLUICE_ERR_UNSUPPORTED);
  assert_non_null(strstr(sender.err.message, "current_url"));
  assert_int_equal(power()->committed(sender.sink, "d", "u", &position, &sender.err), SLUICE_END);
  assert_int_equal(power()->forget(sender.sink, "d", "u", &sender.err), SLUICE_OK);
  end();
}

/* What the server says is the current generation must be a number. */
static void answers_that_are_none(void **state) {
  (void)state;
  int64_t generation = -1;
  start("/_recv/stats 200");
  snprintf(urls[3], sizeof urls[3], "http://127.0.0.1:%u/_recv/stats", receiver.port);
  open_sink();
  assert_int_equal(power()->current(sender.sink, "d", &generation, &sender.err), SLUICE_ERR_CONFIG);
  assert_int_equal(generation, -1);
  end();
}

int main(int argc, char **argv) {
  if (argc < 2)
    return 2;
  receiver_program = argv[1];
  const struct CMUnitTest tests[] = {cmocka_unit_test(old_until_commit), cmocka_unit_test(calls_are_tried_again),
                                     cmocka_unit_test(refusals),         cmocka_unit_test(spent_attempts),
                                     cmocka_unit_test(cancelled),        cmocka_unit_test(not_begun),
                                     cmocka_unit_test(not_set),          cmocka_unit_test(answers_that_are_none)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  things_forget();
  return failed;
}
