/* The Terraform form: every text is one quoted string, whatever is in it, and brackets are closed. */
#include "rights/policy_hcl.h"
#include "written.h"

static void string_is(const char *text, const char *wanted) {
  struct text out = {0};
  hcl_put_string(&out, text);
  assert_string_equal(text_get(&out), wanted);
  text_finish(&out);
}

static void strings(void **state) {
  (void)state;
  string_is("", "\"\"");
  string_is("a b", "\"a b\"");
  string_is("q\"b\\", "\"q\\\"b\\\\\"");
  string_is("l\nr\rt\t\x7f", "\"l\\nr\\u000dt\\u0009\\u007f\"");
  string_is("${x}", "\"$${x}\"");
  string_is("$${x}", "\"$$${x}\"");
  string_is("%{x}", "\"%%{x}\"");
  string_is("$x%$", "\"$x%$\"");
  string_is("\xc3\xa9", "\"\xc3\xa9\"");
}

static void value_is(const char *json, const char *wanted) {
  struct text out = {0};
  json_t *value = json_loads(json, 0, NULL);
  hcl_put_value(&out, value, 0);
  assert_string_equal(text_get(&out), wanted);
  json_decref(value);
  text_finish(&out);
}

/* As terraform fmt lays them out. */
static void values(void **state) {
  (void)state;
  value_is("{\"a\": \"1\", \"long\": \"2\", \"list\": [\"x\", \"y\"], \"s3:prefix\": \"z\"}",
           "{\n  a    = \"1\"\n  long = \"2\"\n  list = [\n    \"x\",\n    \"y\",\n  ]\n  \"s3:prefix\" = \"z\"\n}");
  value_is("[{\"a\": {\"b\": \"c\"}}]", "[\n  {\n    a = {\n      b = \"c\"\n    }\n  },\n]");
}

/* Reads what is written as Terraform does, far enough to see a string that does not end or opens a template. */
static const char *skip_string(const char *at) {
  for (at++; *at != '"'; at++) {
    assert_true((unsigned char)*at >= 0x20);
    bool doubled = (*at == '$' || *at == '%') && at[1] == at[0] && at[2] == '{';
    assert_false((*at == '$' || *at == '%') && at[1] == '{');
    if (*at == '\\')
      at++;
    else if (doubled)
      at += 2;
  }
  return at;
}

static size_t check_syntax(const char *text) {
  char open[256];
  size_t depth = 0, strings_seen = 0;
  for (const char *at = text; *at; at++) {
    if (*at == '#')
      at += strcspn(at, "\n") - 1;
    else if (*at == '"') {
      at = skip_string(at);
      strings_seen++;
    } else if (strchr("{[(", *at)) {
      assert_true(depth < sizeof open);
      open[depth++] = (char)(*at == '{' ? '}' : *at == '[' ? ']' : ')');
    } else if (strchr("}])", *at)) {
      assert_true(depth > 0 && open[--depth] == *at);
    } else {
      assert_true((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                  strchr("_-.=, \n", *at));
    }
  }
  assert_int_equal(depth, 0);
  return strings_seen;
}

static void hostile_texts(void **state) {
  (void)state;
  static const char *const nasty[] = {"plain",
                                      "\"\n}\nresource \"x\" \"y\" {",
                                      "${file(\"/etc/passwd\")}",
                                      "%{ if true }",
                                      "\\",
                                      "\\\"",
                                      "$$${",
                                      "$",
                                      "*/ # //",
                                      "\x01\x1b[31m",
                                      "<<EOF\nx\nEOF"};
  for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) {
    char path[256];
    struct text text = {0};
    struct sluice_error err = {0};
    struct s3_tag tag = {nasty[i], nasty[i]};
    snprintf(path, sizeof path, "s3://b1/%s/", nasty[i]);
    struct s3_options options = {
        .place = {
            .path = path, .role_arn = nasty[i], .external_id = nasty[i], .require_tag = &tag, .object_tag = &tag}};
    assert_int_equal(write_form(&options, "terraform", nasty[i], &text, &err), SLUICE_OK);
    assert_true(check_syntax(text_get(&text)) > 20);
    json_decref(write_json_policy(&options, nasty[i]));
    text_finish(&text);
  }
}

static void job_names(void **state) {
  (void)state;
  static const char *const jobs[][2] = {{"clicks", "\"aws_iam_policy\" \"clicks\""},
                                        {"1st", "\"aws_iam_policy\" \"job_1st\""},
                                        {"a.b", "\"aws_iam_policy\" \"a_b\""},
                                        {"", "\"aws_iam_policy\" \"job\""}};
  struct s3_options options = {.place = {.path = "s3://b1/k/"}};
  for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
    struct text text = {0};
    struct sluice_text_out out = {keep_text, &text};
    assert_int_equal(s3_policy_write(&options, jobs[i][0], "terraform", NULL, &out, NULL), SLUICE_OK);
    assert_non_null(strstr(text_get(&text), jobs[i][1]));
    text_finish(&text);
  }
}

static void expect_terraform(const struct s3_options *options, const char *principal, const char *const *has,
                             const char *const *lacks) {
  struct text text = {0};
  struct sluice_error err = {0};
  assert_int_equal(write_form(options, "terraform", principal, &text, &err), SLUICE_OK);
  assert_true(check_syntax(text_get(&text)) > 5);
  for (; *has; has++)
    if (!strstr(text_get(&text), *has))
      fail_msg("there is no %s in %s", *has, text_get(&text));
  for (; *lacks; lacks++)
    if (strstr(text_get(&text), *lacks))
      fail_msg("there is %s in %s", *lacks, text_get(&text));
  text_finish(&text);
}

/* Whom a policy is attached to. */
static void readers(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b1/k/"}};
  expect_terraform(&options, NULL,
                   (const char *[]){"variable \"clicks_user\"", "\"aws_iam_user_policy_attachment\" \"clicks\"",
                                    "  user       = var.clicks_user\n", NULL},
                   (const char *[]){"default ", NULL});
  expect_terraform(&options, "arn:aws:iam::1:user/team/ann",
                   (const char *[]){"variable \"clicks_user\"", "  default     = \"ann\"\n", NULL},
                   (const char *[]){"role", NULL});
  expect_terraform(&options, "arn:aws:iam::1:role/path/Mover",
                   (const char *[]){"variable \"clicks_role\"", "  default     = \"Mover\"\n",
                                    "\"aws_iam_role_policy_attachment\" \"clicks\"", "  role       = var.clicks_role\n",
                                    NULL},
                   (const char *[]){"var.clicks_user", NULL});
  expect_terraform(&options, "arn:aws:sts::1:assumed-role/Mover/session",
                   (const char *[]){"variable \"clicks_role\"", "  default     = \"Mover\"\n", NULL},
                   (const char *[]){"\"session\"", NULL});
  expect_terraform(&options, "arn:aws:iam::1:user/", (const char *[]){"variable \"clicks_user\"", NULL},
                   (const char *[]){"default ", NULL});
}

/* A bucket's policy is never active: it would replace the one that is there. */
static void bucket_policies(void **state) {
  (void)state;
  static const char *const lacks[] = {"\nresource \"aws_s3_bucket_policy\"", "\nresource \"aws_s3control", NULL};
  struct s3_options options = {.place = {.path = "s3://b1/k/"}};
  expect_terraform(&options, NULL,
                   (const char *[]){"\n# resource \"aws_s3_bucket_policy\" \"clicks_bucket\"",
                                    "# Only where the bucket belongs to another account", NULL},
                   lacks);
  options.place.role_arn = "arn:aws:iam::1:role/A";
  expect_terraform(&options, NULL,
                   (const char *[]){"\n# resource \"aws_s3_bucket_policy\" \"clicks_bucket\"",
                                    "\n# resource \"aws_iam_policy\" \"clicks_caller\"", NULL},
                   lacks);
  options = (struct s3_options){.place = {.path = "s3://arn:aws:s3:eu-west-3:111122223333:accesspoint:my-point/in/"}};
  expect_terraform(&options, NULL, (const char *[]){"\n# resource \"aws_s3control_access_point_policy\"", NULL}, lacks);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(strings),       cmocka_unit_test(values),
                                     cmocka_unit_test(hostile_texts), cmocka_unit_test(job_names),
                                     cmocka_unit_test(readers),       cmocka_unit_test(bucket_policies)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
