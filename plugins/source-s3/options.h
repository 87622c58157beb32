/* The options of the s3 source. */
#ifndef S3_OPTIONS_H
#define S3_OPTIONS_H
#include <sluice/sdk.h>

struct s3_path {
  const char *path;
};
struct s3_options {
  const char *path;
  struct sluice_groups paths; /* of struct s3_path */
  const char *access_key_id;
  struct sluice_secret secret_access_key, session_token;
  int32_t anonymous;
  const char *region, *endpoint;
  int32_t addressing; /* enum addressing */
  const char *ca_file;
  int64_t max_attempts, range_size, window, connect_timeout, stall_timeout;
};

extern const struct sluice_options s3_option_table;

#endif
