/* Where objects are: bucket (or access point) and key (or prefix) of an s3://, s3a:// or s3n:// path. */
#include "address/location.h"
#include "address/access_point.h"

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

/* Kinds of bucket that S3 tells by the end of their names. */
static const struct {
  const char *end, *why;
} refused[] = {
    {"--x-s3", "is an S3 Express directory bucket, which lists in no order; use a general purpose bucket"},
    {"--xa-s3", "is an access point of an S3 Express directory bucket, which lists in no order; use a general purpose "
                "bucket"},
    {"--op-s3", "is on S3 Outposts, which is not supported; copy the objects to a bucket in a region and give that"},
    {"--ol-s3", "is an Object Lambda access point, which changes what objects hold and is not supported; give the "
                "access point below it, or the bucket"},
    {".mrap", "is a multi-region access point, which is not supported; give one of its buckets, or an access point of "
              "one region"}};

static int check_kind(const char *bucket, size_t n, const char *where, struct sluice_error *err) {
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    size_t size = strlen(refused[i].end);
    if (n > size && memcmp(bucket + n - size, refused[i].end, size) == 0)
      return sluice_fail(err, SLUICE_ERR_CONFIG, where, "\"%.*s\" %s", (int)n, bucket, refused[i].why);
  }
  return SLUICE_OK;
}

static int check_bucket(const char *bucket, size_t n, const char *where, struct sluice_error *err) {
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
  return check_kind(bucket, n, where, err);
}

static int check_access_point(const char *arn, size_t n, const char *where, struct sluice_error *err) {
  char text[LOCATION_BUCKET_MAX + 1];
  struct access_point ignored;
  if (n > LOCATION_BUCKET_MAX)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "the access point's ARN is too long");
  snprintf(text, sizeof text, "%.*s", (int)n, arn);
  return access_point_parse(text, where, &ignored, err);
}

int location_parse(const char *uri, const char *where, struct location *out, struct sluice_error *err) {
  const char *bucket = uri ? skip_scheme(uri) : NULL;
  if (!bucket)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "\"%s\" is no S3 path; write s3://BUCKET/PREFIX/",
                       uri ? uri : "");
  bool is_arn = access_point_is_arn(bucket);
  size_t n = is_arn ? access_point_span(bucket) : strcspn(bucket, "/");
  int status = is_arn ? check_access_point(bucket, n, where, err) : check_bucket(bucket, n, where, err);
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
