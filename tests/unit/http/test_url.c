/* URL templates: what is one, and what comes of it. */
#include "cmocka_all.h"
#include "url_template.h"

static int put_text(void *context, size_t i, struct sluice_buffer *out) {
  const char *const *values = context;
  return url_put_encoded(out, values[i], strlen(values[i]));
}

static void filled(void **state) {
  (void)state;
  const char *values[] = {"a/b c?", "\xc3\xa9%&\"", ""};
  struct url_template template;
  struct sluice_buffer out = {.data = NULL};
  assert_int_equal(url_template_init(&template, "http://h:1/x/{id}/{na me}?q={z}", "url", NULL), SLUICE_OK);
  assert_int_equal(template.count, 3);
  assert_string_equal(template.names[1], "na me");
  assert_int_equal(url_template_fill(&template, put_text, values, &out), SLUICE_OK);
  assert_string_equal((const char *)out.data, "http://h:1/x/a%2Fb%20c%3F/%C3%A9%25%26%22?q=");
  sluice_buffer_free(&out);
  url_template_finish(&template);
}

static void without_values(void **state) {
  (void)state;
  struct url_template template;
  struct sluice_buffer out = {.data = NULL};
  assert_int_equal(url_template_init(&template, "http://h/%7Bx%7D#f", "url", NULL), SLUICE_OK);
  assert_int_equal(template.count, 0);
  assert_int_equal(url_template_fill(&template, put_text, NULL, &out), SLUICE_OK);
  assert_string_equal((const char *)out.data, "http://h/%7Bx%7D#f");
  sluice_buffer_free(&out);
  url_template_finish(&template);
}

static void refused(void **state) {
  (void)state;
  const char *const urls[] = {"http://{host}/x",
                              "{url}",
                              "http://h{x}:80/",
                              "http://h/{",
                              "http://h/}",
                              "http://h/{}",
                              "http://h/{a{b}}",
                              "http://h/{a}}",
                              "http://h/{a}#{b}",
                              "{x}://h/",
                              "http://h/{1}{2}{3}{4}{5}{6}{7}{8}{9}"};
  for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
    struct url_template template;
    struct sluice_error err = {0};
    assert_int_equal(url_template_init(&template, urls[i], "operations.update.url", &err), SLUICE_ERR_CONFIG);
    assert_string_equal(err.where, "operations.update.url");
    url_template_finish(&template);
  }
}

static void too_long(void **state) {
  (void)state;
  char *values[] = {test_calloc(1, URL_MAX + 2)};
  struct url_template template;
  struct sluice_buffer out = {.data = NULL};
  assert_int_equal(url_template_init(&template, "http://h/{a}", "url", NULL), SLUICE_OK);
  memset(values[0], 'x', URL_MAX - 10); /* and 9 before, and the NUL */
  assert_int_equal(url_template_fill(&template, put_text, values, &out), SLUICE_OK);
  memset(values[0], 'x', URL_MAX - 9);
  assert_int_equal(url_template_fill(&template, put_text, values, &out), SLUICE_ERR_DATA);
  memset(values[0], 'x', URL_MAX + 1);
  assert_int_equal(url_template_fill(&template, put_text, values, &out), SLUICE_ERR_DATA);
  sluice_buffer_free(&out);
  url_template_finish(&template);
  test_free(values[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(filled), cmocka_unit_test(without_values),
                                     cmocka_unit_test(refused), cmocka_unit_test(too_long)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
