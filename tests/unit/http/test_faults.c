/* Whatever the receiver does, nothing is lost and nothing comes twice under two keys. */
#include "cmocka_all.h"
#include "sender.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct receiver receiver;
static struct sender sender;

static void start(const char *fault) {
  const char *arguments[] = {"--fault", fault, NULL};
  receiver_start(&receiver, arguments);
  sender_init(&sender, &receiver, "/in");
}

static void end(void) {
  sender_close(&sender);
  receiver_remove(&receiver);
}

/* Sends 4,000 records through the fault; all arrive, and repeats only under their first key. */
static void survive(void) {
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 2, 2000), SLUICE_OK);
  assert_int_equal(sender.writer->acked(sender.writer), 1);
  assert_true(receiver_has_each(&receiver, 4000, -1));
  assert_int_equal(receiver_count(&receiver, "duplicates_other_body"), 0);
}

/* Sends and expects to be stopped by this status. */
static void stop_with(int status, int32_t detail) {
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 1, 100), status);
  assert_string_equal(sender.err.where, sender.url);
  assert_int_equal(sender.err.detail, detail);
  assert_int_equal(sender.writer->acked(sender.writer), -1);
  assert_int_equal(receiver_count(&receiver, "requests"), 0);
}

static void too_many_requests(void **state) {
  (void)state;
  start("* 429 retry-after=1 times=1");
  long long before = sender_now_ms();
  survive();
  assert_true(sender_now_ms() - before >= 1000);
  assert_int_equal(receiver_count(&receiver, "requests"), 4);
  end();
}

static void after_429_no_request_starts_early(void **state) {
  (void)state;
  start("* 429 retry-after=1 times=1");
  sender.options.in_flight = 2;
  sender_open(&sender);
  assert_int_equal(sender_write(&sender, 1, 1), SLUICE_OK);
  long long until = sender_now_ms() + 500;
  while (sender_now_ms() < until)
    sender.writer->acked(sender.writer);
  assert_int_equal(sender_write(&sender, 1, 1), SLUICE_OK); /* there is room in the window, but it has to wait */
  until = sender_now_ms() + 200;
  while (sender_now_ms() < until)
    sender.writer->acked(sender.writer);
  assert_int_equal(receiver_count(&receiver, "requests"), 0);
  assert_int_equal(sender_flush(&sender), SLUICE_OK);
  assert_int_equal(receiver_count(&receiver, "requests"), 2);
  end();
}

static void server_errors(void **state) {
  (void)state;
  const char *const faults[] = {"* 500 times=3", "* 503 times=2", "* 502 every=2 times=3", "* 408 times=1",
                                "* 409 times=1"};
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    start(faults[i]);
    survive();
    assert_int_equal(receiver_count(&receiver, "requests"), 4);
    end();
  }
}

static void cut_connections(void **state) {
  (void)state;
  const char *const faults[] = {"* cut times=3", "* cut-before times=3", "* cut every=2 times=2"};
  for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
    start(faults[i]);
    survive();
    end();
  }
}

static void cut_after_storing(void **state) {
  (void)state;
  start("* cut-after-store times=3");
  survive();
  assert_int_equal(receiver_count(&receiver, "duplicates_same_body"), 3);
  assert_int_equal(receiver_count(&receiver, "requests"), 7);
  end();
}

static void a_hanging_server(void **state) {
  (void)state;
  start("* hang times=2");
  sender.options.timeout = 300;
  survive();
  end();
}

static void a_pause_of_the_host_is_no_timeout(void **state) {
  (void)state;
  start("* slow ms=200 times=1");
  sender.options.timeout = 800;
  sender_open(&sender);
  assert_int_equal(sender_write(&sender, 1, 10), SLUICE_OK);
  sleep(2);
  assert_int_equal(sender_flush(&sender), SLUICE_OK);
  assert_int_equal(receiver_count(&receiver, "requests"), 1);
  end();
}

static void too_large_is_halved(void **state) {
  (void)state;
  start("* max-records n=300");
  survive();
  assert_int_equal(receiver_count(&receiver, "requests"), 16); /* 1000 -> 4 x 250 */
  assert_non_null(strstr(sender.host.log, "halves: 413"));
  end();
}

static void a_record_too_large_is_rejected(void **state) {
  (void)state;
  start("* max-body bytes=10");
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 1, 5), SLUICE_OK);
  assert_int_equal(sender.rejects.count, 5);
  assert_non_null(strstr(sender.rejects.reason, "413: {\"error\": \"too large\"}"));
  end();
}

static void a_bad_record_is_found(void **state) {
  (void)state;
  start("* bad-record text=\"n\":1234, status=422");
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 2, 1000), SLUICE_OK);
  assert_int_equal(sender.writer->acked(sender.writer), 1);
  assert_int_equal(sender.rejects.count, 1);
  assert_int_equal(sender.rejects.seqs[0], 1);
  assert_int_equal(sender.rejects.rows[0], 234);
  assert_true(receiver_has_each(&receiver, 2000, 1234));
  end();
}

static void the_policy_may_refuse_a_reject(void **state) {
  (void)state;
  start("* bad-record text=\"n\":5, status=400");
  sender.rejects.answer = SLUICE_ERR_DATA;
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 1, 10), SLUICE_ERR_DATA);
  assert_int_equal(sender.writer->acked(sender.writer), -1);
  end();
}

static void refusals(void **state) {
  (void)state;
  const struct {
    const char *fault;
    int status, detail;
  } cases[] = {{"* 401", SLUICE_ERR_AUTH, 401},   {"* 403", SLUICE_ERR_AUTH, 403},   {"* 404", SLUICE_ERR_CONFIG, 404},
               {"* 405", SLUICE_ERR_CONFIG, 405}, {"* 410", SLUICE_ERR_CONFIG, 410}, {"* 302", SLUICE_ERR_CONFIG, 302}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    start(cases[i].fault);
    stop_with(cases[i].status, cases[i].detail);
    if (cases[i].detail == 302)
      assert_non_null(strstr(sender.err.message, "redirects are not followed"));
    else
      assert_non_null(strstr(sender.err.message, "by script"));
    end();
  }
}

static void spent_attempts_and_on_again(void **state) {
  (void)state;
  start("* 500 times=12");
  sender.options.max_attempts = 2;
  sender.options.in_flight = 1;
  sender.options.batch_rows = 100;
  sender_open(&sender);
  struct sluice_batch batch = fake_batch(0, 0, 1000);
  int retries = 0, status = sender.writer->write(sender.writer, &batch, &sender.err);
  while (status == SLUICE_ERR_RETRY) {
    retries++;
    assert_non_null(strstr(sender.err.message, "not delivered after 2 attempts"));
    assert_non_null(batch.array.release);
    memset(&sender.err, 0, sizeof sender.err);
    status = sender.writer->write(sender.writer, &batch, &sender.err);
  }
  assert_int_equal(status, SLUICE_OK);
  assert_int_equal(retries, 6);
  assert_int_equal(sender_flush(&sender), SLUICE_OK);
  assert_true(receiver_has_each(&receiver, 1000, -1));
  assert_int_equal(receiver_count(&receiver, "requests"), 10); /* the batch went on where it was */
  end();
}

static void one_in_flight_keeps_the_order(void **state) {
  (void)state;
  start("* 500 every=3 times=5");
  sender.options.in_flight = 1;
  sender.options.batch_rows = 100;
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 2, 1000), SLUICE_OK);
  assert_true(receiver_in_order(&receiver, 2000));
  end();
}

static void a_long_retry_after_is_the_hosts_to_wait(void **state) {
  (void)state;
  start("* 429 retry-after=900");
  sender_open(&sender);
  struct sluice_batch batch = fake_batch(0, 0, 10);
  assert_int_equal(sender.writer->write(sender.writer, &batch, &sender.err), SLUICE_OK);
  assert_int_equal(sender.writer->flush(sender.writer, &sender.err), SLUICE_ERR_RETRY);
  assert_int_equal(sender.err.retry_ms, 900000);
  end();
}

static void no_server(void **state) {
  (void)state;
  start("* 500 times=1");
  receiver_stop(&receiver);
  sender.options.max_attempts = 3;
  sender_open(&sender);
  struct sluice_batch batch = fake_batch(0, 0, 10);
  assert_int_equal(sender.writer->write(sender.writer, &batch, &sender.err), SLUICE_OK);
  assert_int_equal(sender.writer->flush(sender.writer, &sender.err), SLUICE_ERR_RETRY);
  assert_string_equal(sender.err.where, sender.url);
  end();
}

/* A child kills the receiver in mid-run and the parent starts it again on the same files and port. */
static void a_killed_receiver_loses_nothing(void **state) {
  (void)state;
  start("* slow ms=5");
  char port[16];
  snprintf(port, sizeof port, "%u", receiver.port);
  const char *same_port[] = {"--port", port, NULL};
  sender.options.batch_rows = 50;
  sender_open(&sender);
  for (int64_t i = 0; i < 8; i++) {
    struct sluice_batch batch = fake_batch(i, i * 1000, 1000);
    assert_int_equal(sender.writer->write(sender.writer, &batch, &sender.err), SLUICE_OK);
    kill(receiver.pid, SIGKILL);
    waitpid(receiver.pid, NULL, 0);
    receiver_restart(&receiver, same_port);
  }
  assert_int_equal(sender_flush(&sender), SLUICE_OK);
  assert_true(receiver_has_each(&receiver, 8000, -1));
  assert_int_equal(receiver_count(&receiver, "duplicates_other_body"), 0);
  end();
}

static void cancel_ends_a_wait(void **state) {
  (void)state;
  start("* hang");
  sender_open(&sender);
  assert_int_equal(sender_write(&sender, 1, 100), SLUICE_OK);
  pid_t waker = fork();
  assert_true(waker >= 0);
  if (waker == 0) { /* the event is shared; the flag is set by the alarm below */
    usleep(300000);
    _exit(kill(getppid(), SIGUSR1));
  }
  long long before = sender_now_ms();
  assert_int_equal(sender.writer->flush(sender.writer, &sender.err), SLUICE_ERR_CANCELLED);
  assert_true(sender_now_ms() - before >= 250);
  before = sender_now_ms();
  sender_close(&sender);
  assert_true(sender_now_ms() - before < 1000);
  waitpid(waker, NULL, 0);
  receiver_remove(&receiver);
}

static void on_signal(int number) {
  (void)number;
  fake_host_cancel(&sender.host);
}

static void cancel_ends_a_back_off(void **state) {
  (void)state;
  start("* 503 retry-after=200");
  sender_open(&sender);
  assert_int_equal(sender_write(&sender, 1, 100), SLUICE_OK);
  pid_t waker = fork();
  assert_true(waker >= 0);
  if (waker == 0) {
    usleep(1300000);
    _exit(kill(getppid(), SIGUSR1));
  }
  long long before = sender_now_ms();
  assert_int_equal(sender.writer->flush(sender.writer, &sender.err), SLUICE_ERR_CANCELLED);
  assert_in_range(sender_now_ms() - before, 1200, 2300);
  waitpid(waker, NULL, 0);
  end();
}

int main(int argc, char **argv) {
  if (argc < 2)
    return 2;
  receiver_program = argv[1];
  signal(SIGUSR1, on_signal);
  const struct CMUnitTest tests[] = {cmocka_unit_test(too_many_requests),
                                     cmocka_unit_test(after_429_no_request_starts_early),
                                     cmocka_unit_test(server_errors),
                                     cmocka_unit_test(cut_connections),
                                     cmocka_unit_test(cut_after_storing),
                                     cmocka_unit_test(a_hanging_server),
                                     cmocka_unit_test(a_pause_of_the_host_is_no_timeout),
                                     cmocka_unit_test(too_large_is_halved),
                                     cmocka_unit_test(a_record_too_large_is_rejected),
                                     cmocka_unit_test(a_bad_record_is_found),
                                     cmocka_unit_test(the_policy_may_refuse_a_reject),
                                     cmocka_unit_test(refusals),
                                     cmocka_unit_test(spent_attempts_and_on_again),
                                     cmocka_unit_test(one_in_flight_keeps_the_order),
                                     cmocka_unit_test(a_long_retry_after_is_the_hosts_to_wait),
                                     cmocka_unit_test(no_server),
                                     cmocka_unit_test(a_killed_receiver_loses_nothing),
                                     cmocka_unit_test(cancel_ends_a_wait),
                                     cmocka_unit_test(cancel_ends_a_back_off)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
