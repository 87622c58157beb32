/* The options of the s3 source. */
#ifndef S3_OPTIONS_H
#define S3_OPTIONS_H
#include <sluice/sdk.h>

struct s3_tag {
  const char *key, *value;
};
struct s3_place { /* what each path may have of its own; what it lacks is the source's */
  const char *path, *region, *role_arn, *external_id, *role_session_name;
  int64_t duration; /* of the role's session, ms; 0: not given */
  const struct s3_tag *require_tag, *object_tag;
  struct sluice_list include, exclude;
  const char *include_regex, *exclude_regex;
};
enum s3_archived { S3_ARCHIVED_SKIP, S3_ARCHIVED_FAIL, S3_ARCHIVED_READ };
enum s3_pin { S3_PIN_ETAG, S3_PIN_VERSION };
enum s3_switch { S3_SWITCH_AUTO, S3_SWITCH_ON, S3_SWITCH_OFF };

struct s3_options {
  struct s3_place place;      /* first: its options are found at the same offsets in a path's group */
  struct sluice_groups paths; /* of struct s3_place */

  /* who */
  const char *profile, *access_key_id;
  struct sluice_secret secret_access_key, session_token;
  int32_t anonymous, forbid_open_role;
  const char *sts_endpoint;

  /* what */
  int64_t depth, min_size, max_size, min_age, max_age;
  const char *modified_after, *modified_before, *version_id;
  int32_t archived, pin;
  int64_t list_requests;

  /* where and how */
  const char *endpoint, *ca_file, *expected_bucket_owner;
  int32_t addressing; /* enum addressing */
  int32_t fips, dualstack, requester_pays, verify_checksums;
  struct sluice_secret sse_customer_key;
  int64_t max_attempts, range_size, window, connections, threads, connect_timeout, stall_timeout;
};

extern const struct sluice_options s3_option_table;

/* The place of path i, with what it lacks taken from the source's own; the path option counts as one more, the first.
 * i: below s3_place_count. */
size_t s3_place_count(const struct s3_options *options);
struct s3_place s3_place_at(const struct s3_options *options, size_t i);

#endif
