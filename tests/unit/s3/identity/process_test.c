/* credential_process: how the command is taken apart, and what is made of what it prints. */
#include "fake_world.h"
#include <stdio.h>
#include <string.h>

static const char *const secrets[] = {"s3cr3t", "tok3n", NULL};
#define GOOD "{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s3cr3t\",\"SessionToken\":\"tok3n\"}"

struct program { /* what the fake one does, and how it was called */
  int exit_status, status;
  const char *out, *err;
  char called[400];
};

static int run(void *test, char *const *argv, struct program_end *out, struct sluice_error *err) {
  struct program *program = test;
  size_t used = 0;
  for (; *argv; argv++)
    used += (size_t)snprintf(program->called + used, sizeof program->called - used, "%s|", *argv);
  if (program->status != SLUICE_OK)
    return sluice_fail(err, program->status, "", "it did not end in time");
  out->exit_status = program->exit_status;
  text_puts(&out->out, program->out);
  text_puts(&out->err, program->err);
  return SLUICE_OK;
}

static int go(struct scene *s, struct program *program, const char *command) {
  scene_begin(s, PLAN_PROCESS);
  plan_put(&s->plan.process.command, command);
  program->out = program->out ? program->out : "";
  program->err = program->err ? program->err : "";
  s->fake.run = run;
  s->fake.test = program;
  return scene_go(s, NULL, 0, secrets);
}

static void commands(void **state) {
  static const char *const all[][2] = {
      {"/bin/tool", "/bin/tool|"},
      {"  tool   a\tb \n", "tool|a|b|"},
      {"tool 'a b' \"c d\"", "tool|a b|c d|"},
      {"tool a\\ b", "tool|a b|"},
      {"tool ''", "tool||"},
      {"tool \"\" x", "tool||x|"},
      {"tool 'a\\b' \"a\\b\" \"a\\\"b\" \"\\\\\" \"\\$x\"", "tool|a\\b|a\\b|a\"b|\\|$x|"},
      {"tool a'b'\"c\"d", "tool|abcd|"},
      {"tool $HOME `id` $(id) ; rm > y & *", "tool|$HOME|`id`|$(id)|;|rm|>|y|&|*|"},
      {"tool a\\", "tool|a\\|"},
      {"\"/path with blanks/tool\" x", "/path with blanks/tool|x|"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct program program = {.out = GOOD};
    struct scene s;
    assert_int_equal(go(&s, &program, all[i][0]), SLUICE_OK);
    assert_string_equal(program.called, all[i][1]);
    scene_end(&s);
  }
}

static void commands_that_are_none(void **state) {
  static const char *const all[][2] = {
      {"", "is empty"}, {" \t", "is empty"}, {"tool 'a", "a quote is not closed"}, {"tool \"a\\\"", "not closed"}};
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct program program = {.out = GOOD};
    struct scene s;
    assert_int_equal(go(&s, &program, all[i][0]), SLUICE_ERR_CONFIG);
    assert_says(&s.err, all[i][1]);
    assert_says(&s.err, "credential_process of profile \"default\"");
    assert_string_equal(program.called, "");
    scene_end(&s);
  }
}

static void too_much(void **state) {
  char many[600] = "", longest[17000];
  struct program program = {.out = GOOD};
  struct scene s;
  (void)state;
  for (size_t i = 0; i < 129; i++)
    memcpy(many + 2 * i, "a ", 3);
  assert_int_equal(go(&s, &program, many), SLUICE_ERR_CONFIG);
  assert_says(&s.err, "more than 128 arguments");
  scene_end(&s);
  memset(longest, 'a', sizeof longest - 1);
  longest[sizeof longest - 1] = 0;
  assert_int_equal(go(&s, &program, longest), SLUICE_ERR_CONFIG);
  scene_end(&s);
}

static void good_output(void **state) {
  struct program program = {
      .out = "{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"s3cr3t\",\"SessionToken\":"
             "\"tok3n\",\"Expiration\":\"2023-11-14T22:14:20+00:00\"}\n"};
  struct scene s;
  (void)state;
  assert_int_equal(go(&s, &program, "tool"), SLUICE_OK);
  assert_string_equal(s.got->access_key_id, "AKID");
  assert_string_equal(s.got->token, "tok3n");
  assert_int_equal(s.got->life_s, 60);
  scene_end(&s);
}

static void bad_output(void **state) {
  static const struct {
    int exit_status, status;
    const char *out, *err;
    int want;
    const char *says;
  } all[] = {
      {1, 0, "s3cr3t", " token\x1b[1m has\nended \n", SLUICE_ERR_AUTH,
       "ended with status 1:  token [1m has ended; run"},
      {137, 0, "", "", SLUICE_ERR_AUTH, "ended with status 137, and said nothing"},
      {0, SLUICE_ERR_RETRY, "", "", SLUICE_ERR_RETRY, "did not end in time"},
      {0, SLUICE_ERR_CANCELLED, "", "", SLUICE_ERR_CANCELLED, ""},
      {0, 0, "", "", SLUICE_ERR_CONFIG, "its output cannot be read: it is no JSON"},
      {0, 0, "s3cr3t", "", SLUICE_ERR_CONFIG, "no JSON"},
      {0, 0, "{\"a\": s3cr3t", "", SLUICE_ERR_CONFIG, "no JSON"},
      {0, 0, "{}", "", SLUICE_ERR_CONFIG, "has no \"Version\": 1"},
      {0, 0, "{\"Version\":\"1\"}", "", SLUICE_ERR_CONFIG, "has no \"Version\": 1"},
      {0, 0, "{\"Version\":2}", "", SLUICE_ERR_CONFIG, "has no \"Version\": 1"},
      {0, 0, "{\"Version\":1}", "", SLUICE_ERR_CONFIG, "no AccessKeyId"},
      {0, 0, "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":{\"s3cr3t\":1}}", "", SLUICE_ERR_CONFIG,
       "no SecretAccessKey that is a text"},
      {0, 0,
       "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s3cr3t\",\"Expiration\":\"2023-01-01T00:00:00Z\"}",
       "", SLUICE_ERR_AUTH, "ended"},
      {0, 0, GOOD "x", "", SLUICE_ERR_CONFIG, "no JSON"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct program program = {all[i].exit_status, all[i].status, all[i].out, all[i].err, ""};
    struct scene s;
    int status = go(&s, &program, "tool 'secret s3cr3t'");
    if (status != all[i].want || !strstr(s.err.message, all[i].says))
      fail_msg("%zu: %d %s", i, status, s.err.message);
    scene_end(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(commands),   cmocka_unit_test(commands_that_are_none),
      cmocka_unit_test(too_much),   cmocka_unit_test(good_output),
      cmocka_unit_test(bad_output),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
