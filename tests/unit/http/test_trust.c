/* Credentials, certificates and the connection check. */
#include "cmocka_all.h"
#include "sender.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct receiver receiver;
static struct sender sender;

static void start(const char *option, const char *value) {
  const char *arguments[] = {option, value, NULL};
  receiver_start(&receiver, arguments);
  sender_init(&sender, &receiver, "/in?key=query-secret");
}

static void end(void) {
  sender_close(&sender);
  receiver_remove(&receiver);
}

static void bearer_token(void **state) {
  (void)state;
  start("--auth", "tok-12345");
  sender.options.bearer.handle = FAKE_TOKEN;
  sender.host.token = "tok-12345";
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 1, 10), SLUICE_OK);
  sender.host.token = "tok-rotated"; /* a secret is read anew for each request */
  assert_int_equal(sender_send(&sender, 1, 10), SLUICE_ERR_AUTH);
  assert_null(strstr(sender.err.message, "tok-"));
  assert_null(strstr(sender.err.where, "query-secret"));
  assert_null(strstr(sender.host.log, "tok-"));
  end();
}

static void basic_authentication(void **state) {
  (void)state;
  start("--basic", "me:pass word");
  sender.options.username = "me";
  sender.options.password.handle = FAKE_PASSWORD;
  sender.host.password = "pass word";
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 1, 10), SLUICE_OK);
  end();
}

static void a_missing_secret(void **state) {
  (void)state;
  start("--auth", "tok-12345");
  sender.options.bearer.handle = FAKE_TOKEN;
  sender_open(&sender);
  assert_int_equal(sender_send(&sender, 1, 10), SLUICE_ERR_CONFIG);
  end();
}

static int check(char *found, size_t size) {
  const struct sluice_check *power = sender_component()->base->extension(SLUICE_CHECK);
  assert_non_null(power);
  return power->check(sender.sink, found, size, &sender.err);
}

static void check_tells_what_answers(void **state) {
  (void)state;
  char found[128] = "";
  start("--auth", "tok-12345");
  sender.options.bearer.handle = FAKE_TOKEN;
  sender.host.token = "tok-12345";
  sender_open(&sender);
  assert_int_equal(check(found, sizeof found), SLUICE_OK);
  assert_string_equal(found, "answers 200, HTTP/1.1");
  sender.host.token = "tok-wrong";
  assert_int_equal(check(found, sizeof found), SLUICE_ERR_AUTH);
  assert_null(strstr(sender.err.message, "tok-"));
  receiver_stop(&receiver);
  memset(&sender.err, 0, sizeof sender.err);
  assert_int_equal(check(found, sizeof found), SLUICE_ERR_RETRY);
  assert_int_equal(receiver_count(&receiver, "requests"), 0);
  end();
}

static bool make_certificate(const char *folder) {
  char command[512];
  snprintf(command, sizeof command,
           "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
           "-addext subjectAltName=IP:127.0.0.1 -keyout %s/key -out %s/cert 2>/dev/null",
           folder, folder);
  return system(command) == 0;
}

static void certificates_are_checked(void **state) {
  (void)state;
  char folder[] = "/tmp/sluice-tls-XXXXXX", cert[64], key[64];
  assert_non_null(mkdtemp(folder));
  snprintf(cert, sizeof cert, "%s/cert", folder);
  snprintf(key, sizeof key, "%s/key", folder);
  if (!make_certificate(folder)) {
    print_message("skipped: the openssl program is not there\n");
    rmdir(folder);
    return;
  }
  const char *arguments[] = {"--tls-cert", cert, "--tls-key", key, NULL};
  receiver_start(&receiver, arguments);
  for (int trusted = 0; trusted < 2; trusted++) {
    sender_init(&sender, &receiver, "/in");
    snprintf(sender.url, sizeof sender.url, "https://127.0.0.1:%u/in", receiver.port);
    sender.options.ca_file = trusted ? cert : NULL;
    sender_open(&sender);
    assert_int_equal(sender_send(&sender, 2, 1000), trusted ? SLUICE_OK : SLUICE_ERR_CONFIG);
    sender_close(&sender);
    assert_int_equal(receiver_count(&receiver, "records"), trusted ? 2000 : 0);
  }
  receiver_remove(&receiver);
  unlink(cert);
  unlink(key);
  rmdir(folder);
}

int main(int argc, char **argv) {
  if (argc < 2)
    return 2;
  receiver_program = argv[1];
  const struct CMUnitTest tests[] = {cmocka_unit_test(bearer_token), cmocka_unit_test(basic_authentication),
                                     cmocka_unit_test(a_missing_secret), cmocka_unit_test(check_tells_what_answers),
                                     cmocka_unit_test(certificates_are_checked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
