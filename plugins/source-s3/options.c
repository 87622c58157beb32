/* The options of the s3 source. */
#include "options.h"

#define MIB (INT64_C(1) << 20)

static const struct sluice_option path_items[] = {
    SLUICE_OPTION(struct s3_path, path, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED,
                  .help = "s3://BUCKET/PREFIX/, or s3://BUCKET/KEY for one object."),
};
static const struct sluice_options path_table = SLUICE_OPTIONS(struct s3_path, path_items);

static const char *const addressing_choices[] = {"auto", "virtual", "path", NULL};

static const struct sluice_option items[] = {
    SLUICE_OPTION(struct s3_options, path, SLUICE_OPTION_TEXT,
                  .help = "s3://BUCKET/PREFIX/ (also s3a://, s3n://), or s3://BUCKET/KEY for one object."),
    SLUICE_OPTION(struct s3_options, paths, SLUICE_OPTION_GROUPS, .group = &path_table,
                  .help = "Several paths, read as one list in byte order of the names."),
    SLUICE_OPTION(struct s3_options, access_key_id, SLUICE_OPTION_TEXT,
                  .help = "Access key id; without it AWS_ACCESS_KEY_ID and its companions in the environment."),
    SLUICE_OPTION(struct s3_options, secret_access_key, SLUICE_OPTION_SECRET, .help = "Secret of access_key_id."),
    SLUICE_OPTION(struct s3_options, session_token, SLUICE_OPTION_SECRET,
                  .help = "Session token, where access_key_id is a temporary one."),
    SLUICE_OPTION(struct s3_options, anonymous, SLUICE_OPTION_BOOL, .default_text = "false",
                  .help = "Sign nothing: for public buckets only."),
    SLUICE_OPTION(struct s3_options, region, SLUICE_OPTION_TEXT,
                  .help = "Region of the buckets; else AWS_REGION, AWS_DEFAULT_REGION, us-east-1."),
    SLUICE_OPTION(struct s3_options, endpoint, SLUICE_OPTION_TEXT,
                  .help = "URL of another S3 service than AWS; else AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL."),
    SLUICE_OPTION(struct s3_options, addressing, SLUICE_OPTION_CHOICE, .default_text = "auto",
                  .choices = addressing_choices,
                  .help = "Bucket in the host's name or in the path; auto: path for an own endpoint."),
    SLUICE_OPTION(struct s3_options, ca_file, SLUICE_OPTION_TEXT,
                  .help = "PEM file of certificate authorities to trust instead of the system's."),
    SLUICE_OPTION(struct s3_options, max_attempts, SLUICE_OPTION_INT, .default_text = "10", .min = 1, .max = 100,
                  .help = "Attempts of one request, within three minutes."),
    SLUICE_OPTION(struct s3_options, range_size, SLUICE_OPTION_SIZE, .default_text = "8MiB", .min = MIB / 16,
                  .max = 256 * MIB, .help = "Bytes of one ranged read; smaller objects are read in one request."),
    SLUICE_OPTION(struct s3_options, window, SLUICE_OPTION_SIZE, .default_text = "16MiB", .min = MIB / 16,
                  .max = 4096 * MIB, .help = "Most bytes read ahead for one open object; at least range_size."),
    SLUICE_OPTION(struct s3_options, connect_timeout, SLUICE_OPTION_DURATION, .default_text = "5s", .min = 1,
                  .max = 600000, .help = "Time for a connection to stand, TLS included."),
    SLUICE_OPTION(struct s3_options, stall_timeout, SLUICE_OPTION_DURATION, .default_text = "30s", .min = 1000,
                  .max = 600000, .help = "Time without a byte after which a transfer is tried again."),
};
const struct sluice_options s3_option_table = SLUICE_OPTIONS(struct s3_options, items);
