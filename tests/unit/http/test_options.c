/* Options that do not go together, and URLs that are none. */
#include "cmocka_all.h"
#include "stream_places.h"

static void keep_quiet(const struct sluice_host *host, int level, const char *message) {
  (void)host, (void)level, (void)message;
}
static const struct sluice_host host = {.struct_size = sizeof host, .log = keep_quiet};

static struct http_options good(void) {
  return (struct http_options){.url = "http://127.0.0.1:9/x",
                               .idempotency_header = "Idempotency-Key",
                               .user_agent = "sluice",
                               .batch_rows = 1000,
                               .batch_bytes = 1 << 20,
                               .in_flight = 8};
}

static void assert_refused(const struct http_options *options, const char *where) {
  struct target target;
  struct sluice_error err = {0};
  assert_int_equal(target_init(&target, &host, options, &err), SLUICE_ERR_CONFIG);
  assert_string_equal(err.where, where);
  assert_true(err.message[0] != 0);
}

static void good_options(void **state) {
  (void)state;
  struct target target;
  struct sluice_pair pairs[] = {{"X-A", "1"}, {"X-Empty", ""}, {"content-type", "application/jsonl"}};
  struct http_options options = good();
  options.headers = (struct sluice_map){pairs, 3};
  assert_int_equal(target_init(&target, &host, &options, NULL), SLUICE_OK);
  assert_string_equal(target.name, "http://127.0.0.1:9/x");
  int types = 0;
  for (const struct curl_slist *line = target.headers; line; line = line->next)
    types += strncasecmp(line->data, "content-type", 12) == 0;
  assert_int_equal(types, 1);
  target_finish(&target);
}

static void bad_urls(void **state) {
  (void)state;
  const char *const urls[] = {"",        "host/path",    "ftp://host/",          "file:///etc/passwd",
                              "http://", "http://a b/c", "http://u:secret@host/"};
  for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
    struct http_options options = good();
    options.url = urls[i];
    assert_refused(&options, "url");
  }
}

static void a_user_in_the_url_is_not_shown(void **state) {
  (void)state;
  struct target target;
  struct sluice_error err = {0};
  struct http_options options = good();
  options.url = "http://user:hunter2@host/?token=hunter3";
  assert_int_equal(target_init(&target, &host, &options, &err), SLUICE_ERR_CONFIG);
  assert_null(strstr(err.message, "hunter"));
}

static void bad_headers(void **state) {
  (void)state;
  const struct sluice_pair pairs[] = {{"", "x"},
                                      {"A B", "x"},
                                      {"A:", "x"},
                                      {"A", "x\r\nB: y"},
                                      {"HOST", "x"},
                                      {"content-length", "1"},
                                      {"Idempotency-Key", "x"}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    struct http_options options = good();
    options.headers = (struct sluice_map){&pairs[i], 1};
    assert_refused(&options, "headers");
  }
}

static void credentials_that_collide(void **state) {
  (void)state;
  struct http_options options = good();
  options.bearer.handle = 1;
  options.username = "u";
  assert_refused(&options, "bearer");
  options = good();
  options.password.handle = 1;
  assert_refused(&options, "password");
  options = good();
  options.username = "a:b";
  assert_refused(&options, "username");
  struct sluice_pair pair = {"authorization", "Basic x"};
  options = good();
  options.bearer.handle = 1;
  options.headers = (struct sluice_map){&pair, 1};
  assert_refused(&options, "headers");
}

static void odd_names(void **state) {
  (void)state;
  struct http_options options = good();
  options.idempotency_header = "a header";
  assert_refused(&options, "idempotency_header");
  options = good();
  options.user_agent = "a\nb";
  assert_refused(&options, "user_agent");
}

static struct http_options with(const struct http_operations *operations) {
  struct http_options options = good();
  options.operations = operations;
  options.body = HTTP_RECORD;
  return options;
}

static void places_by_operation(void **state) {
  (void)state;
  const struct http_operation update = {"https://h/x/{id}", HTTP_PUT};
  const struct http_operations operations = {.update = &update};
  struct http_options options = with(&operations);
  struct target target;
  assert_int_equal(target_init(&target, &host, &options, NULL), SLUICE_OK);
  assert_string_equal(target.records[SLUICE_OP_INSERT]->name, "http://127.0.0.1:9/x");
  assert_string_equal(target.records[SLUICE_OP_UPDATE]->method, "PUT");
  assert_string_equal(target.records[SLUICE_OP_UPDATE]->name, "https://h/x/{id}");
  assert_null(target.records[SLUICE_OP_DELETE]);
  target_finish(&target);
  options.url = NULL; /* then there is no place for inserts, which is said when one comes */
  assert_int_equal(target_init(&target, &host, &options, NULL), SLUICE_OK);
  assert_null(target.records[SLUICE_OP_INSERT]);
  assert_string_equal(target.name, "https://h/x/{id}");
  target_finish(&target);
  options = good();
  options.delete = HTTP_DELETE_SEND;
  assert_int_equal(target_init(&target, &host, &options, NULL), SLUICE_OK);
  assert_ptr_equal(target.records[SLUICE_OP_DELETE], &target.url);
  target_finish(&target);
}

static void places_of_a_stream(void **state) {
  (void)state;
  const struct http_operation update = {"https://h/{stream}/{id}?t={stream}", HTTP_PUT};
  const struct http_operations operations = {.update = &update};
  struct http_options options = with(&operations);
  struct target target;
  struct stream_places places;
  options.url = "https://h/t/{stream}";
  assert_int_equal(target_init(&target, &host, &options, NULL), SLUICE_OK);
  assert_int_equal(stream_places_init(&places, &target, "a b/\xc3\xa9{id}%", NULL), SLUICE_OK);
  assert_string_equal(places.records[SLUICE_OP_INSERT]->url.text, "https://h/t/a%20b%2F%C3%A9%7Bid%7D%25");
  assert_string_equal(places.records[SLUICE_OP_INSERT]->name, "https://h/t/a%20b%2F%C3%A9%7Bid%7D%25");
  const struct url_template *url = &places.records[SLUICE_OP_UPDATE]->url;
  assert_int_equal(url->count, 1);
  assert_string_equal(url->names[0], "id");
  assert_string_equal(url->literals[0], "https://h/a%20b%2F%C3%A9%7Bid%7D%25/");
  assert_string_equal(url->literals[1], "?t=a%20b%2F%C3%A9%7Bid%7D%25");
  assert_string_equal(places.records[SLUICE_OP_UPDATE]->method, "PUT");
  assert_null(places.records[SLUICE_OP_DELETE]);
  stream_places_finish(&places);
  target_finish(&target);
}

static void a_stream_needs_no_request_for_each_record(void **state) {
  (void)state;
  struct http_options options = good();
  struct target target;
  struct stream_places places;
  options.url = "http://127.0.0.1:9/{stream}";
  assert_int_equal(target_init(&target, &host, &options, NULL), SLUICE_OK);
  assert_int_equal(stream_places_init(&places, &target, "orders", NULL), SLUICE_OK);
  assert_string_equal(places.records[SLUICE_OP_INSERT]->name, "http://127.0.0.1:9/orders");
  stream_places_finish(&places);
  target_finish(&target);
  options.url = "http://127.0.0.1:9/{stream}/{id}";
  assert_refused(&options, "url");
  options = good();
  assert_int_equal(target_init(&target, &host, &options, NULL),
                   SLUICE_OK); /* without it the place is the target's own */
  assert_int_equal(stream_places_init(&places, &target, "orders", NULL), SLUICE_OK);
  assert_ptr_equal(places.records[SLUICE_OP_INSERT], &target.url);
  stream_places_finish(&places);
  target_finish(&target);
}

static void bad_operations(void **state) {
  (void)state;
  const struct http_operation update = {"https://h/x/{id}", HTTP_PUT}, away = {"https://{id}/x", HTTP_PUT};
  const struct http_operations none = {.update = NULL}, good_one = {.update = &update}, bad_one = {.delete = &away};
  struct http_options options = with(&good_one);
  options.body = HTTP_NDJSON;
  assert_refused(&options, "operations.update.url");
  options = with(&bad_one);
  assert_refused(&options, "operations.delete.url");
  options = with(&none);
  options.url = NULL;
  assert_refused(&options, "operations");
  options.operations = NULL;
  assert_refused(&options, "url");
  options = with(&good_one);
  options.url = NULL;
  options.delete = HTTP_DELETE_SEND;
  assert_refused(&options, "delete");
  options = good();
  options.url = "http://h/{id}";
  assert_refused(&options, "url");
  struct sluice_pair pair = {"sluice-operation", "insert"};
  options = good();
  options.headers = (struct sluice_map){&pair, 1};
  assert_refused(&options, "headers");
}

static void steps_of_a_refresh(void **state) {
  (void)state;
  struct target target;
  struct http_options options = good();
  options.begin_url = options.commit_url = "http://127.0.0.1:9/{delivery}/{generation}";
  assert_int_equal(target_init(&target, &host, &options, NULL), SLUICE_OK);
  target_finish(&target);
  options.commit_url = NULL;
  assert_refused(&options, "commit_url");
  options = good();
  options.current_url = "http://127.0.0.1:9/";
  assert_refused(&options, "begin_url");
  options = good();
  options.begin_url = options.commit_url = "http://127.0.0.1:9/";
  options.abort_url = "http://127.0.0.1:9/{id}";
  assert_refused(&options, "abort_url");
}

/* The query of any of the URLs may be a key. */
static void queries_are_masked(void **state) {
  (void)state;
  const struct http_operation update = {"http://127.0.0.1:9/{id}?token=hunter2&x={v}&y=hunter3", HTTP_PUT};
  const struct http_operations operations = {.update = &update};
  struct http_options options = with(&operations);
  struct target target;
  char text[] = "you sent token=hunter2&x=7&y=hunter3 and key=hunter4";
  options.begin_url = options.commit_url = "http://127.0.0.1:9/?key=hunter4";
  assert_int_equal(target_init(&target, &host, &options, NULL), SLUICE_OK);
  assert_null(strstr(target.records[SLUICE_OP_UPDATE]->name, "hunter"));
  target_mask(&target, text);
  assert_null(strstr(text, "hunter"));
  target_finish(&target);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(good_options),
                                     cmocka_unit_test(bad_urls),
                                     cmocka_unit_test(a_user_in_the_url_is_not_shown),
                                     cmocka_unit_test(bad_headers),
                                     cmocka_unit_test(credentials_that_collide),
                                     cmocka_unit_test(odd_names),
                                     cmocka_unit_test(places_by_operation),
                                     cmocka_unit_test(places_of_a_stream),
                                     cmocka_unit_test(a_stream_needs_no_request_for_each_record),
                                     cmocka_unit_test(bad_operations),
                                     cmocka_unit_test(steps_of_a_refresh),
                                     cmocka_unit_test(queries_are_masked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
