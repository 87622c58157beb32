/* The rules of STS for a role, and session names that fit them. */
#include "../identity/fake_world.h"
#include <string.h>

static struct plan_role role(void) {
  return (struct plan_role){.arn = "arn:aws:iam::123456789012:role/path/name",
                            .external_id = "",
                            .session_name = "",
                            .region = "",
                            .where = ""};
}

static void check(const struct plan_role *r, bool chained, bool own_sts, const char *says) {
  struct sluice_error err = {.message = ""};
  int status = plan_check_role(r, chained, own_sts, "option", &err);
  assert_int_equal(status, says ? SLUICE_ERR_CONFIG : SLUICE_OK);
  if (says) {
    assert_says(&err, says);
    assert_says(&err, "option");
    assert_string_equal(err.where, "option");
  }
}

/* Each fault is told of the option, or variable, that has it. */
static void faults_have_their_place(void **state) {
  (void)state;
  static const struct {
    struct plan_role role;
    const char *where, *place;
  } cases[] = {
      {{.arn = "x", .external_id = "", .session_name = ""}, "", "role_arn"},
      {{.external_id = "a b", .session_name = ""}, "", "external_id"},
      {{.external_id = "", .session_name = "x"}, "", "role_session_name"},
      {{.external_id = "", .session_name = "", .duration_s = 1}, "", "duration"},
      {{.external_id = "a b", .session_name = ""}, "profile \"p\"", "profile \"p\""},
      {{.external_id = "", .session_name = "x"}, "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"},
      {{.arn = "x", .external_id = "", .session_name = ""}, "AWS_ROLE_ARN", "AWS_ROLE_ARN"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct plan_role r = cases[i].role;
    struct sluice_error err = {.message = ""};
    if (!r.arn)
      r.arn = role().arn;
    assert_int_equal(plan_check_role(&r, false, false, cases[i].where, &err), SLUICE_ERR_CONFIG);
    assert_string_equal(err.where, cases[i].place);
    assert_says(&err, cases[i].place);
  }
}

/* ---- ARN ---- */

static void check_arn(const char *arn, bool good) {
  struct plan_role r = role();
  r.arn = (char *)arn;
  check(&r, false, false, good ? NULL : "is no role");
}

static void arns(void **state) {
  (void)state;
  char longest[2050];
  check_arn("arn:aws:iam::123456789012:role/a", true);
  check_arn("arn:aws-us-gov:iam::123456789012:role/a/b/c@d.e", true);
  check_arn("arn:aws-cn:iam::123456789012:role/aws-service-role/x", true);
  check_arn("arn:aws:iam:::role/reader", true); /* as Ceph has them */
  check_arn("", false);
  check_arn("arn:aws:iam::1:role/", false);
  check_arn("arn:aws:iam::123456789012:user/me", false);
  check_arn("arn:aws:s3:::bucket/:role/x", false);
  check_arn("aws:iam::123456789012:role/abcdef", false);
  check_arn("arn:aws:iam::123456789012:role/a b", false);
  check_arn("arn:aws:iam::123456789012:role/a\nb", false);
  memset(longest, 'a', sizeof longest);
  memcpy(longest, "arn:aws:iam::123456789012:role/", 31);
  longest[2048] = 0;
  check_arn(longest, true);
  longest[2048] = 'a';
  longest[2049] = 0;
  check_arn(longest, false);
}

/* ---- texts ---- */

static void check_id(const char *id, const char *says) {
  struct plan_role r = role();
  r.external_id = (char *)id;
  check(&r, false, true, says);
}

static void external_ids(void **state) {
  (void)state;
  char longest[1226];
  check_id("ab", NULL);
  check_id("0_+=,.@:/-z", NULL);
  check_id("a", "external ID must have 2 to 1224");
  check_id("a b", "external ID");
  check_id("caf\xc3\xa9", "external ID");
  check_id("a&b", "external ID");
  memset(longest, 'a', sizeof longest);
  longest[1224] = 0;
  check_id(longest, NULL);
  longest[1224] = 'a';
  longest[1225] = 0;
  check_id(longest, "external ID");
}

static void session_names_are_checked(void **state) {
  (void)state;
  const struct {
    const char *name;
    bool good;
  } cases[] = {{"ab", true},
               {"a", false},
               {"a_+=,.@-z", true},
               {"a:b", false},
               {"a/b", false},
               {"0123456789012345678901234567890123456789012345678901234567890123", true},
               {"01234567890123456789012345678901234567890123456789012345678901234", false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct plan_role r = role();
    r.session_name = (char *)cases[i].name;
    check(&r, false, false, cases[i].good ? NULL : "session name must have 2 to 64");
  }
}

static void session_names_are_made(void **state) {
  (void)state;
  const char *const cases[][2] = {{"sluice-job", "sluice-job"},
                                  {"", "--"},
                                  {"a", "a-"},
                                  {"a b/c:d\n", "a-b-c-d-"},
                                  {"caf\xc3\xa9", "caf-"},
                                  {"\xf0\x9f\xa6\x80", "--"},
                                  {"a_+=,.@-z", "a_+=,.@-z"}};
  char out[65], wish[200];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    plan_session_name(cases[i][0], out);
    assert_string_equal(out, cases[i][1]);
  }
  memset(wish, 'x', sizeof wish);
  wish[sizeof wish - 1] = 0;
  plan_session_name(wish, out);
  assert_int_equal(strlen(out), 64);
}

/* ---- duration ---- */

static void durations(void **state) {
  (void)state;
  const struct {
    int64_t seconds;
    bool chained, own_sts, good;
  } cases[] = {{0, true, false, true},      {900, false, false, true},    {899, false, false, false},
               {43200, false, false, true}, {43201, false, false, false}, {3600, true, false, true},
               {3601, true, false, false},  {3, true, true, true},        {43201, true, true, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct plan_role r = role();
    r.duration_s = cases[i].seconds;
    check(&r, cases[i].chained, cases[i].own_sts, cases[i].good ? NULL : " s");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(faults_have_their_place),
      cmocka_unit_test(arns),
      cmocka_unit_test(external_ids),
      cmocka_unit_test(session_names_are_checked),
      cmocka_unit_test(session_names_are_made),
      cmocka_unit_test(durations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
