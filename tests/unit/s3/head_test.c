/* HTTP heads: what is taken from them, and limits. */
#include "check.h"
#include "request/head.h"

static struct head read(const char *const *lines) {
  struct head head;
  head_clear(&head);
  for (; *lines; lines++)
    assert_true(head_line(&head, *lines, strlen(*lines)));
  return head;
}

static void fields(void **state) {
  (void)state;
  const char *const lines[] = {"HTTP/1.1 100 Continue\r\n",
                               "\r\n",
                               "HTTP/1.1 206 Partial Content\r\n",
                               "content-length: 10\r\n",
                               "Content-Range: bytes 5-14/100\r\n",
                               "ETag: \"abc\"\r\n",
                               "Date: Fri, 24 May 2013 00:00:00 GMT\r\n",
                               "x-amz-request-id:  R1 \r\n",
                               "x-amz-bucket-region: eu-west-3\r\n",
                               "Retry-After: 3\r\n",
                               "\r\n",
                               "ETag: \"trailer\"\r\n",
                               NULL};
  struct head head = read(lines);
  assert_int_equal(head.http, 206);
  assert_true(head.ended);
  assert_int_equal(head.length, 10);
  assert_int_equal(head.first, 5);
  assert_int_equal(head.last, 14);
  assert_int_equal(head.total, 100);
  assert_string_equal(head.etag, "abc");
  assert_true(head.date == 1369353600);
  assert_string_equal(head.request_id, "R1");
  assert_string_equal(head.region, "eu-west-3");
  assert_int_equal(head.retry_ms, 3000);
}

static void odd_values(void **state) {
  (void)state;
  const char *const lines[] = {
      "HTTP/1.1 200\n",     "Content-Length: -5\n", "Content-Range: bytes 9-1/5\n", "ETag: a\"b\n",
      "Retry-After: Fri\n", "no colon\n",           "x-amz-retry-after: 1500\n",    NULL};
  struct head head = read(lines);
  assert_int_equal(head.http, 200);
  assert_false(head.ended);
  assert_int_equal(head.length, -1);
  assert_int_equal(head.first, -1);
  assert_true(head.etag_unfit);
  assert_string_equal(head.etag, "");
  assert_int_equal(head.retry_ms, 1500);
}

static void unknown_total(void **state) {
  (void)state;
  const char *const lines[] = {"HTTP/1.1 416 Bad\r\n", "Content-Range: bytes */77\r\n", NULL};
  struct head head = read(lines);
  assert_int_equal(head.total, 77);
  assert_int_equal(head.first, -1);
}

static void too_large(void **state) {
  (void)state;
  struct head head;
  char line[1000];
  int accepted = 0;
  memset(line, 'x', sizeof line);
  head_clear(&head);
  while (accepted < 1000 && head_line(&head, line, sizeof line))
    accepted++;
  assert_int_equal(accepted, HEAD_BYTES_MAX / 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(fields), cmocka_unit_test(odd_values),
                                     cmocka_unit_test(unknown_total), cmocka_unit_test(too_large)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
