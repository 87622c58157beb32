/* What went wrong with a request, as a text for people: where, what the service said, and what to do. */
#include "base/text.h"
#include "request/fault.h"

enum { RETRY_AGAIN_MS = 30000 };

/* ---- what to do ---- */

/* The right that an operation needs; NULL: it has none of its own. */
static const char *needed_right(const char *operation) {
  static const struct {
    const char *operation, *right;
  } rights[] = {
      {"ListObjectsV2", "s3:ListBucket on the bucket"},
      {"ListObjectVersions", "s3:ListBucketVersions on the bucket"},
      {"GetObject", "s3:GetObject on the object (s3:GetObjectVersion where a version is read)"},
      {"GetBucketTagging", "s3:GetBucketTagging on the bucket"},
      {"GetObjectTagging", "s3:GetObjectTagging on the object (s3:GetObjectVersionTagging where a version is read)"},
  };
  for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
    if (strcmp(operation, rights[i].operation) == 0)
      return rights[i].right;
  return NULL;
}

/* Where the service says which right it is, nothing else is guessed. */
static void put_missing_right(struct text *out, const struct fault *fault, const struct fault_site *site) {
  const char *right = fault->http == 403 ? needed_right(site->operation) : NULL;
  bool plain = !strstr(fault->message, "not authorized to perform");
  if (!right) {
    text_puts(out, "; check the credentials and what their policy allows");
    return;
  }
  text_printf(out, "; allow %s", right);
  if (plain && site->names_owner)
    text_puts(out, ", or correct expected_bucket_owner if the bucket is another account's");
  if (plain && !site->pays)
    text_puts(out, ", or set requester_pays = true if the bucket is requester-pays");
  text_puts(out, ", or check the credentials");
}

static void put_refusal(struct text *out, const struct fault *fault, const struct fault_site *site) {
  if (strstr(fault->message, "kms:") || strncmp(fault->code, "KMS.", 4) == 0)
    text_puts(out, "; allow kms:Decrypt on the key that the object is encrypted with");
  else if (strcmp(fault->code, "InvalidAccessKeyId") == 0)
    text_puts(out,
              "; the service does not know this access key id: check it, and that `endpoint` is the service it is for");
  else if (fault->code[0] || !strstr(fault->message, "web page")) /* a proxy's refusal says nothing of rights */
    put_missing_right(out, fault, site);
}

static const char *advice(const struct fault *fault) {
  switch (fault->kind) {
  case FAULT_EXPIRED:
    return "; the session has ended and could not be renewed: renew the credentials";
  case FAULT_MAYBE_SKEW:
    return "; check the secret access key";
  case FAULT_SKEW:
    return "; check this machine's clock";
  case FAULT_REGION:
    return "; check the options `region` and `endpoint`";
  case FAULT_CHANGED:
    return "; the object is no longer the version that was listed";
  case FAULT_CONFIG:
    if (strstr(fault->message, "erver side encryption") || strstr(fault->message, "erver Side Encryption"))
      return "; it is encrypted with a key that its readers must give (SSE-C): set sse_customer_key";
    return strcmp(fault->code, "NoSuchBucket") == 0 ? "; check the bucket's name in `path`" : "";
  case FAULT_DATA:
    return strcmp(fault->code, "InvalidObjectState") == 0 ? "; it is archived: restore it first, or leave it out" : "";
  default:
    return "";
  }
}

/* ---- the text ---- */

static void add_answer(struct text *out, const struct fault *fault) {
  if (fault->http)
    text_printf(out, ": HTTP %d", fault->http);
  if (fault->code[0])
    text_printf(out, " %s", fault->code);
  if (fault->message[0])
    text_printf(out, ": %s", fault->message);
  if (fault->request_id[0])
    text_printf(out, " (request id %s", fault->request_id);
  if (fault->request_id[0] && fault->host_id[0])
    text_printf(out, ", host id %s", fault->host_id);
  if (fault->request_id[0])
    text_puts(out, ")");
}

int fault_report(const struct fault *fault, const struct fault_site *site, struct sluice_error *err) {
  struct text out = {0};
  char url[512], where[sizeof err->where], key[161], line[sizeof err->message];
  int status = fault_status(fault);
  text_copy_line(key, sizeof key, site->key, strlen(site->key));
  snprintf(url, sizeof url, "s3://%s/%s", site->bucket, key);
  text_copy_line(where, sizeof where, url, strlen(url));
  text_printf(&out, "%s: bucket \"%s\"", site->operation, site->bucket);
  if (key[0])
    text_printf(&out, ", key \"%s\"", key);
  text_printf(&out, ", region %s, endpoint %s", site->region, site->host);
  add_answer(&out, fault);
  if (fault->kind == FAULT_MAYBE_SKEW && site->canonical_hash[0])
    text_printf(&out, "; our canonical request hash is %s", site->canonical_hash);
  if (site->attempts > 1)
    text_printf(&out, "; after %d attempts", site->attempts);
  if (fault->kind == FAULT_AUTH)
    put_refusal(&out, fault, site);
  else
    text_puts(&out, advice(fault));
  bool first = err && !err->message[0];
  text_copy_line(line, sizeof line, text_get(&out), out.size);
  sluice_fail(err, status, where, "%s", out.failed ? "no memory for the error's text" : line);
  if (first)
    err->detail = fault->http;
  if (first && status == SLUICE_ERR_RETRY)
    err->retry_ms = fault->wait_ms > RETRY_AGAIN_MS ? fault->wait_ms : RETRY_AGAIN_MS;
  text_finish(&out);
  return status;
}
