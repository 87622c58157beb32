/* Operations reach the receiver as method, URL or header, in their order for each key, and leave the right table. */
#include "cmocka_all.h"
#include "things.h"
#include <stdlib.h>

static struct receiver receiver;
static struct sender sender;

static void start(const char *fault) {
  const char *arguments[] = {"--key", "id", fault ? "--fault" : NULL, fault, NULL};
  receiver_start(&receiver, arguments);
  things_init(&sender, &receiver);
}

static void end(void) {
  sender_close(&sender);
  receiver_remove(&receiver);
}

static int put(int64_t seq, int64_t first_row, const struct thing *things, int64_t n) {
  uint8_t ops[256];
  struct sluice_batch batch = things_batch(seq, first_row, things, n, ops);
  int status = sender_put(&sender, &batch);
  if (status == SLUICE_OK)
    status = sender_flush(&sender);
  sluice_array_release(&batch.array);
  return status;
}

static const struct thing mixed[] = {{1, 10, SLUICE_OP_INSERT}, {2, 20, SLUICE_OP_INSERT}, {3, 30, SLUICE_OP_UPDATE},
                                     {4, 40, SLUICE_OP_INSERT}, {1, 11, SLUICE_OP_UPDATE}, {2, 20, SLUICE_OP_DELETE}};

static void check_mixed(long long requests) {
  struct model model = {{0}};
  sender_open(&sender);
  assert_int_equal(put(0, 0, mixed, 6), SLUICE_OK);
  model_apply(&model, mixed, 6);
  model_check(&model, &receiver);
  assert_int_equal(receiver_count(&receiver, "requests"), requests);
  assert_int_equal(sender.rejects.count, 0);
}

static void told_by_a_header(void **state) {
  (void)state;
  start(NULL);
  check_mixed(5); /* 1 2, 3, 4, 1, 2: rows of one operation that follow each other */
  end();
}

static void with_keys_requests_are_filled_side_by_side(void **state) {
  (void)state;
  start(NULL);
  things_by_key(&sender);
  check_mixed(3); /* 1 2 4, 3 1, 2: nothing splits a request but a key that is in two */
  end();
}

static void told_by_method_and_url(void **state) {
  (void)state;
  for (int keyed = 0; keyed < 2; keyed++) {
    start(NULL);
    things_by_url(&sender);
    if (keyed)
      things_by_key(&sender);
    check_mixed(6);
    end();
  }
}

static void deletes_need_a_choice(void **state) {
  (void)state;
  start(NULL);
  sender.options.delete = HTTP_DELETE_REFUSE;
  sender_open(&sender);
  assert_int_equal(put(0, 0, mixed, 6), SLUICE_ERR_UNSUPPORTED);
  assert_non_null(strstr(sender.err.message, "delete = \"send\""));
  assert_int_equal(receiver_count(&receiver, "requests"), 0);
  end();
}

static void values_that_no_url_can_hold(void **state) {
  (void)state;
  const struct thing bad[] = {{-1, 1, SLUICE_OP_DELETE},
                              {5, 5, SLUICE_OP_UPDATE},
                              {-2, 1, SLUICE_OP_DELETE},
                              {-3, 1, SLUICE_OP_UPDATE},
                              {6, 6, SLUICE_OP_INSERT}};
  const struct thing good[] = {{5, 5, SLUICE_OP_UPDATE}, {6, 6, SLUICE_OP_INSERT}};
  struct model model = {{0}};
  start(NULL);
  things_by_url(&sender);
  sender_open(&sender);
  assert_int_equal(put(3, 100, bad, 5), SLUICE_OK);
  assert_int_equal(sender.rejects.count, 3);
  assert_int_equal(sender.rejects.rows[0], 0);
  assert_int_equal(sender.rejects.rows[1], 2);
  assert_int_equal(sender.rejects.rows[2], 3);
  assert_int_equal(sender.rejects.seqs[2], 3);
  assert_non_null(strstr(sender.rejects.reason, "/things/"));
  assert_int_equal(sender.writer->acked(sender.writer), 3);
  model_apply(&model, good, 2);
  model_check(&model, &receiver);
  end();
}

/* A URL that names one record: 404 is about that record, and of a delete the wanted state. */
static void records_that_are_not_there(void **state) {
  (void)state;
  start("/things/* 404");
  things_by_url(&sender);
  sender_open(&sender);
  assert_int_equal(put(0, 0, mixed, 6), SLUICE_OK);
  assert_int_equal(sender.rejects.count, 2); /* the two updates */
  assert_int_equal(sender.rejects.rows[0] + sender.rejects.rows[1], 2 + 4);
  assert_int_equal(sender.writer->acked(sender.writer), 0);
  end();
}

static void a_place_that_is_not_there(void **state) {
  (void)state;
  start("/things 404");
  sender_open(&sender);
  assert_int_equal(put(0, 0, mixed, 6), SLUICE_ERR_CONFIG);
  end();
}

static void an_unknown_column(void **state) {
  (void)state;
  static const char *const key[] = {"ident"};
  struct sluice_stream stream = {.struct_size = sizeof stream, .name = "s", .delivery = "d"};
  start(NULL);
  sender.options.key = (struct sluice_list){key, 1};
  const struct sluice_sink *sink = sender_component();
  assert_int_equal(sink->open(&sender.host.host, &sender.options, &sender.sink, &sender.err), SLUICE_OK);
  assert_int_equal(sink->writer(sender.sink, &stream, sender.schema, &sender.writer, &sender.err), SLUICE_ERR_CONFIG);
  assert_string_equal(sender.err.where, "key");
  assert_non_null(strstr(sender.err.message, "ident"));
  end();
}

/* ---- any history, with faults: the table is that of the model, whatever the mode */

static unsigned seed;
static unsigned draw(unsigned n) {
  return (unsigned)rand_r(&seed) / 7 % n;
}

enum { BATCHES = 12, ROWS = 60 };
struct history {
  struct thing things[BATCHES][ROWS];
  int64_t rows[BATCHES];
};

static void make_history(struct history *history, struct model *model) {
  int v = 1;
  for (int b = 0; b < BATCHES; b++) {
    history->rows[b] = (int64_t)draw(ROWS + 1);
    for (int64_t i = 0; i < history->rows[b]; i++)
      history->things[b][i] = (struct thing){(int)draw(THINGS), v++, (uint8_t)draw(3)};
    model_apply(model, history->things[b], history->rows[b]);
  }
}

static void send_history(const struct history *history, int64_t most) {
  uint8_t ops[BATCHES][ROWS + 1];
  int64_t row = 0;
  for (int b = 0; b < BATCHES && b < most; b++) {
    struct sluice_batch batch = things_batch(b, row, history->things[b], history->rows[b], ops[b]);
    assert_int_equal(sender_put(&sender, &batch), SLUICE_OK);
    row += history->rows[b];
  }
}

struct mode {
  bool keyed, by_url;
  int32_t body;
  int64_t in_flight, rows;
  const char *fault;
};

static void run_mode(const struct mode *mode) {
  struct history history;
  struct model model = {{0}};
  start(mode->fault);
  make_history(&history, &model);
  for (int run = 0; run < 2; run++) { /* the second repeats all of it, as after a crash without any checkpoint */
    if (run)
      things_init(&sender, &receiver);
    sender.options.body = mode->body;
    if (mode->by_url)
      things_by_url(&sender);
    if (mode->keyed)
      things_by_key(&sender);
    sender.options.in_flight = mode->in_flight;
    sender.options.batch_rows = mode->rows;
    sender_open(&sender);
    send_history(&history, run ? BATCHES : 1 + draw(BATCHES)); /* the first is dropped in mid-air */
    if (run)
      assert_int_equal(sender_flush(&sender), SLUICE_OK);
    sender_close(&sender);
  }
  model_check(&model, &receiver);
  assert_int_equal(receiver_count(&receiver, "duplicates_other_body"), 0);
  receiver_remove(&receiver);
}

static void random_histories(void **state) {
  (void)state;
  const char *given = getenv("SEED");
  seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)sender_now_ms();
  print_message("seed %u (SEED=%u repeats it)\n", seed, seed);
  const struct mode modes[] = {{true, false, HTTP_NDJSON, 8, 1000, NULL},
                               {true, false, HTTP_JSON, 8, 7, "* 500 every=5"},
                               {true, true, HTTP_RECORD, 8, 1, "* cut-after-store every=9"},
                               {true, true, HTTP_RECORD, 32, 1, "* slow ms=3 every=3"},
                               {true, false, HTTP_NDJSON, 16, 3, "* max-records n=2"},
                               {false, false, HTTP_NDJSON, 8, 1000, "* slow ms=5 every=4"},
                               {false, true, HTTP_RECORD, 8, 1, "* 503 every=11 times=20"},
                               {false, false, HTTP_JSON, 1, 10, "* cut every=7"}};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
    run_mode(&modes[i]);
}

/* Requests of different keys do run side by side: 40 slow answers take less than 40 times as long. */
static void keys_run_side_by_side(void **state) {
  struct thing things[THINGS];
  (void)state;
  for (int i = 0; i < THINGS; i++)
    things[i] = (struct thing){i, 1, SLUICE_OP_UPDATE};
  start("* slow ms=50");
  things_by_url(&sender);
  things_by_key(&sender);
  sender_open(&sender);
  long long before = sender_now_ms();
  assert_int_equal(put(0, 0, things, THINGS), SLUICE_OK);
  assert_true(sender_now_ms() - before < THINGS * 50 / 2);
  end();
}

int main(int argc, char **argv) {
  if (argc < 2)
    return 2;
  receiver_program = argv[1];
  const struct CMUnitTest tests[] = {cmocka_unit_test(told_by_a_header),
                                     cmocka_unit_test(with_keys_requests_are_filled_side_by_side),
                                     cmocka_unit_test(told_by_method_and_url),
                                     cmocka_unit_test(deletes_need_a_choice),
                                     cmocka_unit_test(values_that_no_url_can_hold),
                                     cmocka_unit_test(records_that_are_not_there),
                                     cmocka_unit_test(a_place_that_is_not_there),
                                     cmocka_unit_test(an_unknown_column),
                                     cmocka_unit_test(random_histories),
                                     cmocka_unit_test(keys_run_side_by_side)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  things_forget();
  return failed;
}
