/* Access points: the ARNs that a bucket may be named by. */
#include "address/access_point.h"
#include "address/region.h"

enum { PARTS = 4, LABEL_MAX = 63, QUOTED_MAX = 200 };
static const char kind[] = "accesspoint";

struct arn { /* arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE; none but the resource ends with a NUL */
  const char *parts[PARTS];
  size_t sizes[PARTS];
  const char *resource;
};
enum { PARTITION, SERVICE, REGION, ACCOUNT };

bool access_point_is_arn(const char *text) {
  return strncmp(text, "arn:", 4) == 0;
}

static bool split(const char *text, struct arn *out) {
  const char *at = text + 4;
  for (int i = 0; i < PARTS; i++) {
    out->parts[i] = at;
    out->sizes[i] = strcspn(at, ":/");
    at += out->sizes[i];
    if (*at != ':')
      return false;
    at++;
  }
  out->resource = at;
  return true;
}

static bool part_is(const struct arn *arn, int part, const char *text) {
  return arn->sizes[part] == strlen(text) && memcmp(arn->parts[part], text, arn->sizes[part]) == 0;
}

/* NULL: the resource is something else. */
static const char *name_of(const char *resource) {
  size_t n = sizeof kind - 1;
  bool is_kind = strncmp(resource, kind, n) == 0 && (resource[n] == ':' || resource[n] == '/');
  return is_kind ? resource + n + 1 : NULL;
}

size_t access_point_span(const char *text) {
  struct arn arn;
  if (!split(text, &arn))
    return strcspn(text, "/");
  const char *name = name_of(arn.resource);
  const char *from = name ? name : arn.resource;
  return (size_t)(from - text) + strcspn(from, "/");
}

/* What a label of a host's name may be. */
static bool is_label(const char *text, size_t n) {
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
  return n >= 1 && n <= LABEL_MAX && strspn(text, allowed) >= n && text[0] != '-' && text[n - 1] != '-';
}

static int refuse(struct sluice_error *err, const char *where, const char *arn, const char *why) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, where, "\"%.*s\" %s", QUOTED_MAX, arn, why);
}

static const char *not_readable(const struct arn *arn) {
  if (part_is(arn, SERVICE, "s3-outposts"))
    return "is on S3 Outposts, which is not supported; copy the objects to a bucket in a region and give that";
  if (part_is(arn, SERVICE, "s3-object-lambda"))
    return "is an Object Lambda access point, which changes what objects hold and is not supported; give the access "
           "point below it, or the bucket";
  if (!part_is(arn, SERVICE, "s3"))
    return "is no ARN of S3; write the bucket's name or arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME";
  if (arn->sizes[REGION] == 0 && name_of(arn->resource))
    return "is a multi-region access point, which is not supported; give one of its buckets, or an access point of "
           "one region";
  if (arn->sizes[REGION] == 0)
    return "is no access point's ARN; write the bucket's name alone: s3://BUCKET/PREFIX/";
  if (!name_of(arn->resource))
    return "names no access point; write arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME";
  return NULL;
}

static int fill(const struct arn *arn, const char *text, const char *where, struct access_point *out,
                struct sluice_error *err) {
  struct access_point made;
  const char *name = name_of(arn->resource);
  size_t n = strlen(name);
  if (arn->sizes[REGION] >= sizeof made.region)
    return refuse(err, where, text, "has no valid region");
  snprintf(made.region, sizeof made.region, "%.*s", (int)arn->sizes[REGION], arn->parts[REGION]);
  if (!region_valid(made.region))
    return refuse(err, where, text, "has no valid region");
  if (!part_is(arn, PARTITION, region_partition(made.region)->name))
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "\"%.*s\": region %s is in partition %s; correct the ARN",
                       QUOTED_MAX, text, made.region, region_partition(made.region)->name);
  if (!is_label(arn->parts[ACCOUNT], arn->sizes[ACCOUNT]))
    return refuse(err, where, text, "has no account's number before \"accesspoint\"");
  if (!is_label(name, n))
    return refuse(err, where, text, "has no valid access point name: letters, digits and dashes only");
  if (n + 1 + arn->sizes[ACCOUNT] > LABEL_MAX)
    return refuse(err, where, text, "has too long a name: name and account together have at most 62 characters");
  snprintf(made.host, sizeof made.host, "%s-%.*s", name, (int)arn->sizes[ACCOUNT], arn->parts[ACCOUNT]);
  *out = made;
  return SLUICE_OK;
}

int access_point_parse(const char *text, const char *where, struct access_point *out, struct sluice_error *err) {
  struct arn arn;
  if (!access_point_is_arn(text) || !split(text, &arn))
    return refuse(err, where, text, "is no ARN; write arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME");
  const char *why = not_readable(&arn);
  return why ? refuse(err, where, text, why) : fill(&arn, text, where, out, err);
}
