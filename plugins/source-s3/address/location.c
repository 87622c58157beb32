/* Where objects are: bucket and key (or prefix) of an s3://, s3a:// or s3n:// path. */
#include "address/location.h"

static const char *skip_scheme(const char *uri) {
  static const char *const schemes[] = {"s3://", "s3a://", "s3n://"};
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
    if (strncmp(uri, schemes[i], strlen(schemes[i])) == 0)
      return uri + strlen(schemes[i]);
  return NULL;
}

static bool bucket_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

static int check_bucket(const char *bucket, size_t n, const char *where, struct sluice_error *err) {
  static const char express[] = "--x-s3";
  if (n >= 4 && strncmp(bucket, "arn:", 4) == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where,
                       "access point ARNs are not supported; give the bucket's name, or the access point's alias");
  if (n == 0 || n > LOCATION_BUCKET_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "the bucket's name is %s; write s3://BUCKET/PREFIX/",
                       n ? "too long" : "missing");
  for (size_t i = 0; i < n; i++)
    if (!bucket_char(bucket[i]))
      return sluice_fail(err, SLUICE_ERR_CONFIG, where,
                         "\"%.*s\" is no bucket name: letters, digits, dots, dashes and underscores only", (int)n,
                         bucket);
  if (strspn(bucket, ".") >= n)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "\"%.*s\" is no bucket name: it is only dots", (int)n, bucket);
  if (n > sizeof express - 1 && memcmp(bucket + n - (sizeof express - 1), express, sizeof express - 1) == 0)
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, where,
        "\"%.*s\" is an S3 Express directory bucket, which lists in no order; use a general purpose bucket", (int)n,
        bucket);
  return SLUICE_OK;
}

int location_parse(const char *uri, const char *where, struct location *out, struct sluice_error *err) {
  const char *bucket = uri ? skip_scheme(uri) : NULL;
  if (!bucket)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "\"%s\" is no S3 path; write s3://BUCKET/PREFIX/",
                       uri ? uri : "");
  size_t n = strcspn(bucket, "/");
  int status = check_bucket(bucket, n, where, err);
  if (status != SLUICE_OK)
    return status;
  const char *key = bucket[n] ? bucket + n + 1 : "";
  if (strlen(key) > LOCATION_KEY_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "the key is longer than %d bytes", LOCATION_KEY_MAX);
  memcpy(out->bucket, bucket, n);
  out->bucket[n] = 0;
  memcpy(out->key, key, strlen(key) + 1);
  return SLUICE_OK;
}
