/* Which rights are asked for, by what the options say. */
#include "written.h"

/* Compares a part of what was written with JSON in which ' stands for ". */
static void expect(json_t *written, const char *part, const char *wanted) {
  size_t n = strlen(wanted);
  char *text = strdup(wanted);
  for (size_t i = 0; i < n; i++)
    text[i] = (char)(text[i] == '\'' ? '"' : text[i]);
  json_t *value = json_loads(text, JSON_DECODE_ANY, NULL), *found = json_object_get(written, part);
  assert_non_null(value);
  if (!json_equal(value, found)) {
    char *is = json_dumps(found, JSON_INDENT(1) | JSON_ENCODE_ANY);
    fail_msg("%s is %s", part, is ? is : "not there");
  }
  json_decref(value);
  free(text);
}

static bool has_note(json_t *written, const char *text) {
  json_t *note;
  size_t i;
  json_array_foreach(json_object_get(written, "notes"), i, note) {
    if (strstr(json_string_value(note), text))
      return true;
  }
  return false;
}

/* Who reads has keys of its own. */
static void own_keys(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://my-bucket/clicks/v1/", .region = "eu-west-3"}};
  json_t *written = write_json_policy(&options, "arn:aws:iam::123456789012:user/ann");
  expect(written, "identity_policy",
         "{'Version': '2012-10-17', 'Statement': ["
         "{'Sid': 'ListBucket', 'Effect': 'Allow', 'Action': 's3:ListBucket', 'Resource': 'arn:aws:s3:::my-bucket',"
         " 'Condition': {'StringLike': {'s3:prefix': ['clicks/v1/', 'clicks/v1/*']}}},"
         "{'Sid': 'ReadObjects', 'Effect': 'Allow', 'Action': 's3:GetObject',"
         " 'Resource': 'arn:aws:s3:::my-bucket/clicks/v1/*'}]}");
  expect(written, "bucket_policy",
         "{'my-bucket': {'Version': '2012-10-17', 'Statement': ["
         "{'Sid': 'ListBucket', 'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::123456789012:user/ann'},"
         " 'Action': 's3:ListBucket', 'Resource': 'arn:aws:s3:::my-bucket',"
         " 'Condition': {'StringLike': {'s3:prefix': ['clicks/v1/', 'clicks/v1/*']}}},"
         "{'Sid': 'ReadObjects', 'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::123456789012:user/ann'},"
         " 'Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::my-bucket/clicks/v1/*'}]}}");
  expect(written, "kms_policy_if_encrypted",
         "{'Version': '2012-10-17', 'Statement': [{'Sid': 'DecryptObjects', 'Effect': 'Allow', 'Action': 'kms:Decrypt',"
         " 'Resource': 'arn:aws:kms:eu-west-3:111122223333:key/KEY-ID',"
         " 'Condition': {'StringLike': {'kms:ViaService': 's3.eu-west-3.amazonaws.com'}}}]}");
  expect(written, "tags", "{}");
  assert_null(json_object_get(written, "trust_policy"));
  assert_null(json_object_get(written, "caller_policy"));
  assert_false(has_note(written, "READER"));
  json_decref(written);
}

static void role(void **state) {
  (void)state;
  static const struct s3_tag tag = {"sluice", "yes"};
  struct s3_options options = {.place = {.path = "s3://my-bucket/",
                                         .role_arn = "arn:aws-cn:iam::222233334444:role/Reader",
                                         .external_id = "id-1",
                                         .duration = 7200000,
                                         .require_tag = &tag}};
  json_t *written = write_json_policy(&options, NULL);
  expect(written, "identity_policy",
         "{'Version': '2012-10-17', 'Statement': ["
         "{'Sid': 'ListBucket', 'Effect': 'Allow', 'Action': 's3:ListBucket', 'Resource': 'arn:aws-cn:s3:::my-bucket'},"
         "{'Sid': 'ReadObjects', 'Effect': 'Allow', 'Action': 's3:GetObject',"
         " 'Resource': 'arn:aws-cn:s3:::my-bucket/*'},"
         "{'Sid': 'ReadBucketTags', 'Effect': 'Allow', 'Action': 's3:GetBucketTagging',"
         " 'Resource': 'arn:aws-cn:s3:::my-bucket'}]}");
  expect(written, "trust_policy",
         "{'Version': '2012-10-17', 'Statement': [{'Sid': 'AssumeRole', 'Effect': 'Allow',"
         " 'Principal': {'AWS': 'arn:aws-cn:iam::111122223333:role/READER'}, 'Action': 'sts:AssumeRole',"
         " 'Condition': {'StringEquals': {'sts:ExternalId': 'id-1'}}}]}");
  expect(written, "caller_policy",
         "{'Version': '2012-10-17', 'Statement': [{'Sid': 'AssumeRole', 'Effect': 'Allow', 'Action': 'sts:AssumeRole',"
         " 'Resource': 'arn:aws-cn:iam::222233334444:role/Reader'}]}");
  expect(written, "tags", "{'my-bucket': {'TagSet': [{'Key': 'sluice', 'Value': 'yes'}]}}");
  json_t *statement = json_array_get(
      json_object_get(json_object_get(json_object_get(written, "bucket_policy"), "my-bucket"), "Statement"), 0);
  assert_string_equal(json_string_value(json_object_get(json_object_get(statement, "Principal"), "AWS")),
                      options.place.role_arn);
  assert_true(has_note(written, "Replace arn:aws-cn:iam::111122223333:role/READER"));
  assert_true(has_note(written, "at least 7200 seconds"));
  json_decref(written);
}

static void expect_actions(const struct s3_options *options, const char *wanted) {
  json_t *statement, *written = write_json_policy(options, NULL), *actions = json_array();
  size_t i;
  json_array_foreach(json_object_get(json_object_get(written, "identity_policy"), "Statement"), i, statement) {
    json_t *action = json_object_get(statement, "Action");
    if (json_is_array(action))
      json_array_extend(actions, action);
    else
      json_array_append(actions, action);
  }
  json_object_set_new(written, "actions", actions);
  expect(written, "actions", wanted);
  json_decref(written);
}

static void actions_by_options(void **state) {
  (void)state;
  static const struct s3_tag tag = {"a", "b"};
  struct s3_options options = {.place = {.path = "s3://b1/k"}};
  expect_actions(&options, "['s3:ListBucket', 's3:GetObject']");
  options.pin = S3_PIN_VERSION;
  expect_actions(&options, "['s3:ListBucket', 's3:ListBucketVersions', 's3:GetObjectVersion', 's3:GetObject']");
  options.place.object_tag = &tag;
  expect_actions(&options, "['s3:ListBucket', 's3:ListBucketVersions', 's3:GetObjectVersion', 's3:GetObject',"
                           " 's3:GetObjectVersionTagging', 's3:GetObjectTagging']");
  options.pin = S3_PIN_ETAG;
  expect_actions(&options, "['s3:ListBucket', 's3:GetObject', 's3:GetObjectTagging']");
  options.place.require_tag = &tag;
  expect_actions(&options, "['s3:ListBucket', 's3:GetObject', 's3:GetBucketTagging', 's3:GetObjectTagging']");
}

/* A version id is of one object: nothing else may be read. */
static void one_version(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b1/a/k.csv"}, .version_id = "v1"};
  json_t *written = write_json_policy(&options, NULL);
  expect(written, "identity_policy",
         "{'Version': '2012-10-17', 'Statement': [{'Sid': 'ListBucket', 'Effect': 'Allow',"
         " 'Action': ['s3:ListBucket', 's3:ListBucketVersions'], 'Resource': 'arn:aws:s3:::b1',"
         " 'Condition': {'StringLike': {'s3:prefix': 'a/k.csv'}}},"
         "{'Sid': 'ReadObjects', 'Effect': 'Allow', 'Action': 's3:GetObjectVersion',"
         " 'Resource': 'arn:aws:s3:::b1/a/k.csv'}]}");
  json_decref(written);
}

/* Keys may hold what is a wildcard or a variable in a policy. */
static void special_keys(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b1/a*b?/${aws:username}/$1/\"q\"\\\n/"}};
  json_t *written = write_json_policy(&options, NULL);
  json_t *statements = json_object_get(json_object_get(written, "identity_policy"), "Statement");
  assert_string_equal(json_string_value(json_object_get(json_array_get(statements, 1), "Resource")),
                      "arn:aws:s3:::b1/a${*}b${?}/${$}{aws:username}/$1/\"q\"\\\n/*");
  json_decref(written);
}

static void several_identities(void **state) {
  (void)state;
  static const struct s3_place groups[] = {
      {.path = "s3://b1/x/", .role_arn = "arn:aws:iam::1:role/A", .external_id = "one"},
      {.path = "s3://b2/y/", .role_arn = "arn:aws:iam::1:role/B", .external_id = "two"},
      {.path = "s3://b2/z/", .role_arn = "arn:aws:iam::1:role/A", .external_id = "three"},
  };
  struct s3_options options = {.paths = {groups, 3, sizeof *groups}};
  json_t *written = write_json_policy(&options, "arn:aws:iam::2:root");
  json_t *identities = json_object_get(written, "identities");
  assert_int_equal(json_array_size(identities), 2);
  json_t *a = json_array_get(identities, 0), *b = json_array_get(identities, 1);
  assert_string_equal(json_string_value(json_object_get(a, "role_arn")), "arn:aws:iam::1:role/A");
  expect(a, "identity_policy",
         "{'Version': '2012-10-17', 'Statement': ["
         "{'Sid': 'ListBucket', 'Effect': 'Allow', 'Action': 's3:ListBucket', 'Resource': 'arn:aws:s3:::b1',"
         " 'Condition': {'StringLike': {'s3:prefix': ['x/', 'x/*']}}},"
         "{'Sid': 'ReadObjects', 'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::b1/x/*'},"
         "{'Sid': 'ListBucket2', 'Effect': 'Allow', 'Action': 's3:ListBucket', 'Resource': 'arn:aws:s3:::b2',"
         " 'Condition': {'StringLike': {'s3:prefix': ['z/', 'z/*']}}},"
         "{'Sid': 'ReadObjects2', 'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::b2/z/*'}]}");
  expect(b, "trust_policy",
         "{'Version': '2012-10-17', 'Statement': [{'Sid': 'AssumeRole', 'Effect': 'Allow',"
         " 'Principal': {'AWS': 'arn:aws:iam::2:root'}, 'Action': 'sts:AssumeRole',"
         " 'Condition': {'StringEquals': {'sts:ExternalId': 'two'}}}]}");
  json_t *trust = json_array_get(json_object_get(json_object_get(a, "trust_policy"), "Statement"), 0);
  json_t *ids = json_object_get(json_object_get(json_object_get(trust, "Condition"), "StringEquals"), "sts:ExternalId");
  assert_int_equal(json_array_size(ids), 2);
  json_t *of_b2 = json_object_get(json_object_get(json_object_get(written, "bucket_policy"), "b2"), "Statement");
  assert_int_equal(json_array_size(of_b2), 4); /* two readers, each its own prefix */
  assert_null(json_object_get(written, "identity_policy"));
  json_decref(written);
}

static void partitions(void **state) {
  (void)state;
  static const char *const regions[][2] = {{"eu-west-3", "arn:aws:s3:::b1"},
                                           {"cn-north-1", "arn:aws-cn:s3:::b1"},
                                           {"us-gov-west-1", "arn:aws-us-gov:s3:::b1"},
                                           {"us-iso-east-1", "arn:aws-iso:s3:::b1"},
                                           {"us-isob-east-1", "arn:aws-iso-b:s3:::b1"}};
  for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
    struct s3_options options = {.place = {.path = "s3://b1/k/", .region = regions[i][0]}};
    json_t *written = write_json_policy(&options, NULL);
    json_t *statements = json_object_get(json_object_get(written, "identity_policy"), "Statement");
    assert_string_equal(json_string_value(json_object_get(json_array_get(statements, 0), "Resource")), regions[i][1]);
    json_decref(written);
  }
}

static void access_points(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://arn:aws:s3:eu-west-3:111122223333:accesspoint:my-point/in/"}};
  json_t *written = write_json_policy(&options, NULL);
  json_t *statements = json_object_get(json_object_get(written, "identity_policy"), "Statement");
  assert_string_equal(json_string_value(json_object_get(json_array_get(statements, 0), "Resource")),
                      "arn:aws:s3:eu-west-3:111122223333:accesspoint/my-point");
  assert_string_equal(json_string_value(json_object_get(json_array_get(statements, 1), "Resource")),
                      "arn:aws:s3:eu-west-3:111122223333:accesspoint/my-point/object/in/*");
  assert_true(has_note(written, "The bucket behind"));
  json_decref(written);
  options.place.path = "s3://point-abc-s3alias/in/";
  written = write_json_policy(&options, NULL);
  assert_true(has_note(written, "alias of an access point"));
  json_decref(written);
}

static void anonymous(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b1/k/"}, .anonymous = 1};
  json_t *written = write_json_policy(&options, NULL);
  assert_null(json_object_get(written, "identity_policy"));
  json_t *statements = json_object_get(json_object_get(json_object_get(written, "bucket_policy"), "b1"), "Statement");
  assert_string_equal(json_string_value(json_object_get(json_array_get(statements, 0), "Principal")), "*");
  assert_true(has_note(written, "everybody"));
  json_decref(written);
}

static void notes(void **state) {
  (void)state;
  static const struct s3_tag first = {"a", "1"}, second = {"a", "2"};
  static const struct s3_place groups[] = {
      {.path = "s3://b1/x", .role_arn = "arn:aws:iam::1:role/A", .require_tag = &first},
      {.path = "s3://b1/y/", .role_arn = "arn:aws:iam::1:role/A", .external_id = "e", .require_tag = &second}};
  struct s3_options options = {.paths = {groups, 2, sizeof *groups},
                               .requester_pays = 1,
                               .endpoint = "https://minio.example",
                               .sse_customer_key = {1}};
  json_t *written = write_json_policy(&options, NULL);
  assert_true(has_note(written, "s3://b1/x has no slash"));
  assert_true(has_note(written, "different values"));
  assert_true(has_note(written, "would refuse them"));
  assert_true(has_note(written, "pays for requests"));
  assert_true(has_note(written, "another service"));
  assert_null(json_object_get(written, "kms_policy_if_encrypted"));
  json_decref(written);
}

/* Paths with prefixes of this length, so many of them; then which note of a limit is there. */
static void expect_limit(size_t count, size_t prefix_size, bool role, const char *says) {
  char prefix[1000], *paths[40];
  struct s3_place groups[40];
  memset(prefix, 'p', prefix_size);
  prefix[prefix_size] = 0;
  for (size_t i = 0; i < count; i++) {
    paths[i] = malloc(sizeof prefix + 64);
    snprintf(paths[i], sizeof prefix + 64, "s3://b1/%02zu%s/", i, prefix);
    groups[i] = (struct s3_place){.path = paths[i], .role_arn = role ? "arn:aws:iam::1:role/A" : NULL};
  }
  struct s3_options options = {.paths = {groups, count, sizeof *groups}};
  json_t *written = write_json_policy(&options, NULL);
  static const char *const all[] = {"takes 2048 within a user", "takes 6144 in a policy", "takes 10240 in a role"};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    assert_int_equal(has_note(written, all[i]), says && strcmp(says, all[i]) == 0);
  json_decref(written);
  for (size_t i = 0; i < count; i++)
    free(paths[i]);
}

static void limits(void **state) {
  (void)state;
  expect_limit(1, 10, false, NULL);
  expect_limit(5, 120, false, "takes 2048 within a user");
  expect_limit(5, 120, true, NULL);
  expect_limit(12, 200, false, "takes 6144 in a policy");
  expect_limit(12, 200, true, NULL);
  expect_limit(30, 200, true, "takes 10240 in a role");
}

static void refused(const struct s3_options *options, const char *form, const char *principal, int wanted) {
  struct text text = {0};
  struct sluice_error err = {0};
  assert_int_equal(write_form(options, form, principal, &text, &err), wanted);
  assert_true(err.message[0]);
  assert_int_equal(text.size, 0);
  text_finish(&text);
}

static void refusals(void **state) {
  (void)state;
  struct s3_options options = {.place = {.path = "s3://b1/k/"}};
  refused(&options, "yaml", NULL, SLUICE_ERR_UNSUPPORTED);
  refused(&options, "json", "arn:\xff", SLUICE_ERR_CONFIG);
  static const char *const paths[] = {"s3://b1/\xff/",
                                      "s3:///k",
                                      "http://b1/k",
                                      "s3://arn:aws:s3::111122223333:accesspoint/many.mrap",
                                      "s3://arn:aws:s3-outposts:eu-west-3:1:outpost/op/accesspoint/a",
                                      "s3://arn:aws:s3:eu-west-3:1:accesspoint/",
                                      "s3://arn:aws:s3:eu-west-3:1:bucket/x",
                                      "s3://arn:",
                                      "s3://arn:\":s3:eu-west-3:1:accesspoint/a"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    options.place.path = paths[i];
    refused(&options, "json", NULL, SLUICE_ERR_CONFIG);
    refused(&options, "terraform", NULL, SLUICE_ERR_CONFIG);
  }
  options.place.path = NULL;
  refused(&options, "json", NULL, SLUICE_ERR_CONFIG);
}

static size_t allocations_left;

static void *allocate(size_t n) {
  if (allocations_left == 0)
    return NULL;
  allocations_left--;
  return malloc(n);
}

/* Each allocation of the JSON library fails once: an error, and nothing lost. */
static void no_memory(void **state) {
  (void)state;
  static const struct s3_tag tag = {"a", "b"};
  static const struct s3_place groups[] = {
      {.path = "s3://b1/x/", .role_arn = "arn:aws:iam::1:role/A", .external_id = "one", .object_tag = &tag},
      {.path = "s3://b2/y", .require_tag = &tag}};
  struct s3_options options = {.paths = {groups, 2, sizeof *groups}};
  static const char *const forms[] = {"json", "terraform"};
  json_set_alloc_funcs(allocate, free);
  for (size_t f = 0; f < 2; f++) {
    int code = SLUICE_ERR_MEMORY;
    size_t tries = 0;
    for (; code != SLUICE_OK; tries++) {
      struct text text = {0};
      struct sluice_error err = {0};
      allocations_left = tries;
      code = write_form(&options, forms[f], "p", &text, &err);
      assert_true(code == SLUICE_OK || err.message[0]);
      assert_true(tries < 100000);
      text_finish(&text);
    }
    print_message("%s: %zu failures of memory\n", forms[f], tries - 1);
    assert_true(tries > 100);
  }
  json_set_alloc_funcs(malloc, free);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(own_keys),    cmocka_unit_test(role),          cmocka_unit_test(actions_by_options),
      cmocka_unit_test(one_version), cmocka_unit_test(special_keys),  cmocka_unit_test(several_identities),
      cmocka_unit_test(partitions),  cmocka_unit_test(access_points), cmocka_unit_test(anonymous),
      cmocka_unit_test(notes),       cmocka_unit_test(limits),        cmocka_unit_test(refusals),
      cmocka_unit_test(no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
