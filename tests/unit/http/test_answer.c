/* What answers mean, and how they are shown. */
#include "answer.h"
#include "cmocka_all.h"

static int give_secret(const struct sluice_host *host, struct sluice_secret secret, char *buf, size_t size,
                       struct sluice_error *err) {
  (void)host, (void)err;
  snprintf(buf, size, "%s", secret.handle == 1 ? "tok-12345\n" : "pass-word");
  return SLUICE_OK;
}

static const struct sluice_host host = {.struct_size = sizeof host, .secret = give_secret};
static const struct sluice_pair pairs[] = {{"X-Key", "header-value"}, {"X-Short", "a"}};
static const struct http_options options = {.bearer = {1}, .password = {2}, .headers = {pairs, 2}};
static const struct target target = {.host = &host, .options = &options, .name = "http://h/"};

static void statuses_are_sorted(void **state) {
  (void)state;
  const struct {
    long status;
    enum verdict verdict;
  } cases[] = {{200, VERDICT_DELIVERED}, {202, VERDICT_DELIVERED}, {204, VERDICT_DELIVERED}, {301, VERDICT_REDIRECT},
               {304, VERDICT_REDIRECT},  {400, VERDICT_HALVE},     {401, VERDICT_AUTH},      {403, VERDICT_AUTH},
               {404, VERDICT_REFUSED},   {405, VERDICT_REFUSED},   {408, VERDICT_AGAIN},     {409, VERDICT_AGAIN},
               {410, VERDICT_REFUSED},   {413, VERDICT_HALVE},     {415, VERDICT_REFUSED},   {422, VERDICT_HALVE},
               {429, VERDICT_SLOWER},    {500, VERDICT_AGAIN},     {501, VERDICT_REFUSED},   {502, VERDICT_AGAIN},
               {503, VERDICT_SLOWER},    {504, VERDICT_AGAIN},     {505, VERDICT_REFUSED},   {529, VERDICT_AGAIN},
               {0, VERDICT_REFUSED},     {101, VERDICT_REFUSED}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(answer_verdict(cases[i].status), cases[i].verdict);
}

static void describe(const char *text, size_t n, char out[ANSWER_TEXT_SIZE]) {
  struct answer answer = {.status = 422, .size = n};
  memcpy(answer.text, text, n);
  answer_describe(&target, &answer, out);
}

static void an_answer_is_one_short_line(void **state) {
  (void)state;
  char out[ANSWER_TEXT_SIZE], large[ANSWER_KEPT];
  describe("", 0, out);
  assert_string_equal(out, "422");
  describe("bad\r\n\tfield\0x \n", 15, out);
  assert_string_equal(out, "422: bad   field x");
  memset(large, 'x', sizeof large);
  describe(large, sizeof large, out);
  assert_int_equal(strlen(out), 205);
}

static void broken_text_becomes_valid(void **state) {
  (void)state;
  char out[ANSWER_TEXT_SIZE];
  describe("a\xff\xfe"
           "b\xc3\xa9\xc3",
           7, out);
  assert_string_equal(out, "422: a??b\xc3\xa9?");
}

static void secrets_are_masked(void **state) {
  (void)state;
  char out[ANSWER_TEXT_SIZE], text[] = "you sent tok-12345, pass-word and header-value, a";
  describe(text, sizeof text - 1, out);
  assert_string_equal(out, "422: you sent *********, ********* and ************, a");
}

static void a_secret_at_the_edge_is_masked(void **state) {
  (void)state;
  char out[ANSWER_TEXT_SIZE], text[300];
  memset(text, '.', sizeof text);
  memcpy(text + 195, "tok-12345", 9); /* only its first five bytes would be shown */
  describe(text, sizeof text, out);
  assert_null(strstr(out, "tok"));
}

static void names_hide_user_and_query(void **state) {
  (void)state;
  char name[ENDPOINT_NAME_SIZE];
  assert_true(endpoint_show("https://u:p@example.com:8443/v1/x?key=abc#f", name, sizeof name));
  assert_string_equal(name, "https://example.com:8443/v1/x");
  assert_false(endpoint_show("/relative", name, sizeof name));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(statuses_are_sorted),
                                     cmocka_unit_test(an_answer_is_one_short_line),
                                     cmocka_unit_test(broken_text_becomes_valid),
                                     cmocka_unit_test(secrets_are_masked),
                                     cmocka_unit_test(a_secret_at_the_edge_is_masked),
                                     cmocka_unit_test(names_hide_user_and_query)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
