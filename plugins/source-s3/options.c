/* The options of the s3 source. */
#include "options.h"

#define MIB (INT64_C(1) << 20)

static const struct sluice_option tag_items[] = {
    SLUICE_OPTION(struct s3_tag, key, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED, .help = "Key of the tag."),
    SLUICE_OPTION(struct s3_tag, value, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED,
                  .help = "Value that it must have."),
};
static const struct sluice_options tag_table = SLUICE_OPTIONS(struct s3_tag, tag_items);

#define PLACE(field, kind_, ...)                                                                                       \
  { .name = #field, .kind = (kind_), .offset = offsetof(struct s3_place, field), __VA_ARGS__ }
/* Options that a path may have of its own, all but the path. */
#define PLACE_OPTIONS                                                                                                  \
  PLACE(region, SLUICE_OPTION_TEXT,                                                                                    \
        .help = "Region of the bucket; else AWS_REGION, AWS_DEFAULT_REGION, the profile, us-east-1."),                 \
      PLACE(role_arn, SLUICE_OPTION_TEXT, .help = "IAM role to assume: arn:aws:iam::ACCOUNT:role/NAME."),              \
      PLACE(external_id, SLUICE_OPTION_TEXT, .help = "External ID that the role's trust policy asks for."),            \
      PLACE(role_session_name, SLUICE_OPTION_TEXT,                                                                     \
            .help = "Name of the role's session, as CloudTrail shows it; else sluice-JOB."),                           \
      PLACE(duration, SLUICE_OPTION_DURATION, .min = 1000, .max = 43200000,                                            \
            .help = "Length of the role's session, 15m to 12h on AWS; else what STS gives, one hour."),                \
      PLACE(require_tag, SLUICE_OPTION_GROUP, .group = &tag_table,                                                     \
            .help = "Tag that the bucket must have, checked before it is listed; else the job is held."),              \
      PLACE(object_tag, SLUICE_OPTION_GROUP, .group = &tag_table,                                                      \
            .help = "Only objects with this tag; costs one request an object."),                                       \
      PLACE(include, SLUICE_OPTION_LIST,                                                                               \
            .help = "Only keys that one of these globs matches, below the path: [\"**/*.parquet\"]."),                 \
      PLACE(exclude, SLUICE_OPTION_LIST, .help = "No keys that one of these globs matches."),                          \
      PLACE(include_regex, SLUICE_OPTION_TEXT,                                                                         \
            .help = "Only keys in which this POSIX extended regular expression matches."),                             \
      PLACE(exclude_regex, SLUICE_OPTION_TEXT, .help = "No keys in which this regular expression matches.")

static const struct sluice_option path_items[] = {
    PLACE(path, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED,
          .help = "s3://BUCKET/PREFIX/, or s3://BUCKET/KEY for one object."),
    PLACE_OPTIONS,
};
static const struct sluice_options path_table = SLUICE_OPTIONS(struct s3_place, path_items);

static const char *const addressing_choices[] = {"auto", "virtual", "path", NULL};
static const char *const archived_choices[] = {"skip", "fail", "read", NULL};
static const char *const pin_choices[] = {"etag", "version", NULL};
static const char *const switch_choices[] = {"auto", "on", "off", NULL};

#define OWN(field, kind, ...) SLUICE_OPTION(struct s3_options, field, kind, __VA_ARGS__)
static const struct sluice_option items[] = {
    PLACE(path, SLUICE_OPTION_TEXT,
          .help = "s3://BUCKET/PREFIX/ (also s3a://, s3n://), or s3://BUCKET/KEY for one object."),
    OWN(paths, SLUICE_OPTION_GROUPS, .group = &path_table,
        .help = "Several paths, read as one list in byte order of the names; each may differ in what is named below."),
    PLACE_OPTIONS,

    OWN(profile, SLUICE_OPTION_TEXT,
        .help = "Profile of the shared AWS files to use; keys in the environment do not count then."),
    OWN(access_key_id, SLUICE_OPTION_TEXT,
        .help = "Access key id; without it the default chain: environment, profile, container, instance."),
    OWN(secret_access_key, SLUICE_OPTION_SECRET, .help = "Secret of access_key_id."),
    OWN(session_token, SLUICE_OPTION_SECRET, .help = "Session token, where access_key_id is a temporary one."),
    OWN(anonymous, SLUICE_OPTION_BOOL, .default_text = "false", .help = "Sign nothing: for public buckets only."),
    OWN(forbid_open_role, SLUICE_OPTION_BOOL, .default_text = "false",
        .help = "Refuse a role that lets us in without its external ID."),
    OWN(sts_endpoint, SLUICE_OPTION_TEXT, .help = "URL of STS; else AWS_ENDPOINT_URL_STS, or the region's."),

    OWN(depth, SLUICE_OPTION_INT, .default_text = "0", .min = 0, .max = 1024,
        .help = "Levels of folders below the path: 1 is its own files only; 0: any depth."),
    OWN(min_size, SLUICE_OPTION_SIZE, .default_text = "0",
        .help = "Only objects of at least this size; 1 leaves out empty ones."),
    OWN(max_size, SLUICE_OPTION_SIZE, .help = "Only objects of at most this size."),
    OWN(min_age, SLUICE_OPTION_DURATION, .help = "Only objects that were last changed at least this long ago."),
    OWN(max_age, SLUICE_OPTION_DURATION, .help = "Only objects that were changed within this time."),
    OWN(modified_after, SLUICE_OPTION_TEXT,
        .help = "Only objects changed after this time: \"2026-01-31\", \"2026-01-31T12:00:00Z\"."),
    OWN(modified_before, SLUICE_OPTION_TEXT, .help = "Only objects changed before this time."),
    OWN(version_id, SLUICE_OPTION_TEXT,
        .help = "The version of the one object that path names; needs s3:ListBucketVersions."),
    OWN(archived, SLUICE_OPTION_CHOICE, .default_text = "skip", .choices = archived_choices,
        .help = "Objects in an archive class: skip and count, fail, or read (restored copies)."),
    OWN(pin, SLUICE_OPTION_CHOICE, .default_text = "etag", .choices = pin_choices,
        .help = "What keeps an object as listed: its ETag, or its version id (buckets with versions; a replaced object "
                "is still read)."),
    OWN(list_requests, SLUICE_OPTION_INT, .default_text = "16", .min = 1, .max = 64,
        .help = "Listing requests at once, by folders, where there is much to list."),

    OWN(endpoint, SLUICE_OPTION_TEXT,
        .help = "URL of another S3 service than AWS; else AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the profile's."),
    OWN(ca_file, SLUICE_OPTION_TEXT, .help = "PEM file of certificate authorities to trust instead of the system's."),
    OWN(expected_bucket_owner, SLUICE_OPTION_TEXT, .help = "Account id that must own the bucket."),
    OWN(addressing, SLUICE_OPTION_CHOICE, .default_text = "auto", .choices = addressing_choices,
        .help = "Bucket in the host's name or in the path; auto: path for an own endpoint."),
    OWN(fips, SLUICE_OPTION_CHOICE, .default_text = "auto", .choices = switch_choices,
        .help = "FIPS endpoints; auto: as AWS_USE_FIPS_ENDPOINT or the profile says."),
    OWN(dualstack, SLUICE_OPTION_CHOICE, .default_text = "auto", .choices = switch_choices,
        .help = "Endpoints for IPv4 and IPv6; auto: as AWS_USE_DUALSTACK_ENDPOINT or the profile says."),
    OWN(requester_pays, SLUICE_OPTION_BOOL, .default_text = "false",
        .help = "Pay for requests to a requester-pays bucket."),
    OWN(verify_checksums, SLUICE_OPTION_BOOL, .default_text = "true",
        .help = "Verify the checksums that the service keeps, for objects read in one request."),
    OWN(sse_customer_key, SLUICE_OPTION_SECRET, .help = "Key of SSE-C objects: 32 bytes in base64; https only."),
    OWN(max_attempts, SLUICE_OPTION_INT, .default_text = "10", .min = 1, .max = 100,
        .help = "Attempts of one request, within three minutes."),
    OWN(range_size, SLUICE_OPTION_SIZE, .default_text = "8MiB", .min = MIB / 16, .max = 256 * MIB,
        .help = "Bytes of one ranged read; smaller objects are read in one request."),
    OWN(window, SLUICE_OPTION_SIZE, .default_text = "16MiB", .min = MIB / 16, .max = 4096 * MIB,
        .help = "Most bytes read ahead for one open object; at least range_size."),
    OWN(connections, SLUICE_OPTION_INT, .default_text = "128", .min = 1, .max = 512,
        .help = "Most connections at once."),
    OWN(threads, SLUICE_OPTION_INT, .default_text = "0", .min = 0, .max = 32,
        .help = "Threads for the network; 0: half the cores, at most 4."),
    OWN(connect_timeout, SLUICE_OPTION_DURATION, .default_text = "5s", .min = 1, .max = 600000,
        .help = "Time for a connection to stand, TLS included."),
    OWN(stall_timeout, SLUICE_OPTION_DURATION, .default_text = "30s", .min = 1000, .max = 600000,
        .help = "Time without a byte after which a transfer is tried again."),
};
const struct sluice_options s3_option_table = SLUICE_OPTIONS(struct s3_options, items);

/* ---- places ---- */

static const struct s3_place *group_at(const struct s3_options *options, size_t i) {
  const char *groups = options->paths.items;
  return (const struct s3_place *)(const void *)(groups + i * options->paths.stride);
}

size_t s3_place_count(const struct s3_options *options) {
  return options->paths.count + (options->place.path ? 1 : 0);
}

static const char *either(const char *own, const char *common) {
  return own ? own : common;
}

static struct sluice_list either_list(struct sluice_list own, struct sluice_list common) {
  return own.count ? own : common;
}

/* A role of its own comes with its own external ID and session, or with none: they belong together. */
static void inherit_role(struct s3_place *place, const struct s3_place *common) {
  if (!place->role_arn) {
    place->role_arn = common->role_arn;
    place->external_id = either(place->external_id, common->external_id);
  }
  place->role_session_name = either(place->role_session_name, common->role_session_name);
  if (!place->duration)
    place->duration = common->duration;
}

struct s3_place s3_place_at(const struct s3_options *options, size_t i) {
  const struct s3_place *common = &options->place;
  if (common->path && i == 0)
    return *common;
  struct s3_place place = *group_at(options, common->path ? i - 1 : i);
  inherit_role(&place, common);
  place.region = either(place.region, common->region);
  place.require_tag = place.require_tag ? place.require_tag : common->require_tag;
  place.object_tag = place.object_tag ? place.object_tag : common->object_tag;
  place.include = either_list(place.include, common->include);
  place.exclude = either_list(place.exclude, common->exclude);
  place.include_regex = either(place.include_regex, common->include_regex);
  place.exclude_regex = either(place.exclude_regex, common->exclude_regex);
  return place;
}
