/* Records arrive, each once, cut as configured, under keys that repeat when the run repeats. */
#include "cmocka_all.h"
#include "sender.h"

static void send_and_check(struct receiver *receiver, int32_t body, int32_t gzip, int32_t method, long long requests) {
  struct sender sender;
  receiver_start(receiver, NULL);
  sender_init(&sender, receiver, "/in");
  sender.options.body = body;
  sender.options.gzip = gzip;
  sender.options.method = method;
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 3, 2500), SLUICE_OK);
  assert_int_equal(sender.writer->acked(sender.writer), 2);
  sender_close(&sender);
  assert_true(receiver_has_each(receiver, 7500, -1));
  assert_int_equal(receiver_count(receiver, "requests"), requests);
  assert_int_equal(receiver_count(receiver, "without_key"), 0);
  receiver_remove(receiver);
}

static void json_lines(void **state) {
  (void)state;
  struct receiver receiver;
  send_and_check(&receiver, HTTP_NDJSON, 0, HTTP_POST, 9); /* 1000, 1000, 500: never across batches */
}

static void arrays_compressed(void **state) {
  (void)state;
  struct receiver receiver;
  send_and_check(&receiver, HTTP_JSON, 1, HTTP_PUT, 9);
}

static void single_records(void **state) {
  (void)state;
  struct receiver receiver;
  send_and_check(&receiver, HTTP_RECORD, 0, HTTP_PATCH, 7500);
}

static void requests_by_bytes(void **state) {
  (void)state;
  struct receiver receiver;
  struct sender sender;
  receiver_start(&receiver, NULL);
  sender_init(&sender, &receiver, "/in");
  sender.options.batch_bytes = 5000;
  sender.options.gzip = 1;
  fake_encoding.pad = 1230; /* four records fit, a fifth does not */
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 1, 103), SLUICE_OK);
  fake_encoding.pad = 9000; /* each is larger than a request: they go alone */
  struct sluice_batch batch = fake_batch(1, 103, 7);
  assert_int_equal(sender.writer->write(sender.writer, &batch, &sender.err), SLUICE_OK);
  assert_int_equal(sender_flush(&sender), SLUICE_OK);
  sender_close(&sender);
  assert_true(receiver_has_each(&receiver, 110, -1));
  assert_int_equal(receiver_count(&receiver, "requests"), 26 + 7);
  receiver_remove(&receiver);
}

static void a_repeated_run_repeats_keys_and_bodies(void **state) {
  (void)state;
  const char *arguments[] = {"--fault", "* max-records n=130", NULL};
  struct receiver receiver;
  receiver_start(&receiver, arguments);
  for (int run = 0; run < 2; run++) {
    struct sender sender;
    sender_init(&sender, &receiver, "/in");
    fake_encoding.empty_every = 7;
    sender.options.body = HTTP_JSON;
    sender.options.in_flight = run ? 3 : 8; /* what is in flight at once changes nothing */
    sender_open(&sender);
    assert_int_equal(sender_send(&sender, 2, 1500), SLUICE_OK);
    assert_int_equal(sender.rejects.count, 3000 / 7 + 1);
    sender_close(&sender);
  }
  long long requests = receiver_count(&receiver, "requests");
  assert_true(requests >= 2 * 2 * 12);
  assert_int_equal(receiver_count(&receiver, "duplicates_same_body"), requests / 2);
  assert_int_equal(receiver_count(&receiver, "duplicates_other_body"), 0);
  assert_int_equal(receiver_count(&receiver, "first_records"), 3000 - 429);
  receiver_remove(&receiver);
}

static void acked_follows_the_answers(void **state) {
  (void)state;
  const char *arguments[] = {"--fault", "* slow ms=300 times=1", NULL};
  struct receiver receiver;
  struct sender sender;
  receiver_start(&receiver, arguments);
  sender_init(&sender, &receiver, "/in");
  sender_open(&sender);
  assert_int_equal(sender.writer->acked(sender.writer), -1);
  assert_int_equal(sender_write(&sender, 3, 10), SLUICE_OK);
  assert_int_equal(sender.writer->acked(sender.writer), -1); /* the first waits, whatever the others do */
  long long until = sender_now_ms() + 5000;
  while (sender.writer->acked(sender.writer) < 2 && sender_now_ms() < until)
    ;
  assert_int_equal(sender.writer->acked(sender.writer), 2); /* without any flush */
  sender_close(&sender);
  receiver_remove(&receiver);
}

static void a_batch_of_rejected_records_is_nothing_to_send(void **state) {
  (void)state;
  struct receiver receiver;
  struct sender sender;
  receiver_start(&receiver, NULL);
  sender_init(&sender, &receiver, "/in");
  fake_encoding.empty_every = 1;
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 2, 50), SLUICE_OK);
  struct sluice_batch none = fake_batch(2, 100, 0);
  assert_int_equal(sender.writer->write(sender.writer, &none, &sender.err), SLUICE_OK);
  assert_int_equal(sender.writer->acked(sender.writer), 2);
  assert_int_equal(sender.rejects.count, 100);
  sender_close(&sender);
  assert_int_equal(receiver_count(&receiver, "requests"), 0);
  receiver_remove(&receiver);
}

static void deletes_are_refused(void **state) {
  (void)state;
  struct receiver receiver;
  struct sender sender;
  const uint8_t ops[] = {SLUICE_OP_INSERT, SLUICE_OP_DELETE};
  receiver_start(&receiver, NULL);
  sender_init(&sender, &receiver, "/in");
  sender_open(&sender);
  struct sluice_batch batch = fake_batch(0, 0, 2);
  batch.ops = ops;
  assert_int_equal(sender.writer->write(sender.writer, &batch, &sender.err), SLUICE_ERR_UNSUPPORTED);
  sender_close(&sender);
  receiver_remove(&receiver);
}

int main(int argc, char **argv) {
  if (argc < 2)
    return 2;
  receiver_program = argv[1];
  const struct CMUnitTest tests[] = {cmocka_unit_test(json_lines),
                                     cmocka_unit_test(arrays_compressed),
                                     cmocka_unit_test(single_records),
                                     cmocka_unit_test(requests_by_bytes),
                                     cmocka_unit_test(a_repeated_run_repeats_keys_and_bodies),
                                     cmocka_unit_test(acked_follows_the_answers),
                                     cmocka_unit_test(a_batch_of_rejected_records_is_nothing_to_send),
                                     cmocka_unit_test(deletes_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
