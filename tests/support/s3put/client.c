/* Signed PUT requests to an S3 server. */
#include "client.h"
#include "sigv4.h"
#include "uri.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Files up to this size are signed with their hash; larger ones are not read twice. */
enum { HASHED_MOST = 8 << 20, ANSWER_MOST = 4096 };

struct client {
  struct client_options options;
  CURL *curl;
  const char *host; /* in the endpoint */
  char answer[ANSWER_MOST];
  size_t answer_len;
};

/* What is sent: a file, or bytes. */
struct content {
  FILE *file;
  char *bytes;
  size_t len, at;
  curl_off_t size;
  char hash[HASH_SHA256_HEX], md5[32];
};

bool client_create(const struct client_options *o, struct client **out, char *message, size_t size) {
  struct client *c = calloc(1, sizeof *c);
  const char *scheme_end = strstr(o->endpoint, "://");
  CURL *curl = curl_easy_init();
  bool plain = scheme_end && scheme_end[3] && !strpbrk(scheme_end + 3, "/?#@");
  if (!c || !curl || !plain) {
    snprintf(message, size,
             scheme_end ? "out of memory"
                        : "--endpoint %s: a URL without a path is needed, such as http://127.0.0.1:9000",
             o->endpoint);
    curl_easy_cleanup(curl);
    free(c);
    return false;
  }
  c->options = *o;
  c->curl = curl;
  c->host = scheme_end + 3;
  *out = c;
  return true;
}

void client_destroy(struct client *c) {
  if (!c)
    return;
  curl_easy_cleanup(c->curl);
  free(c);
}

static size_t take_answer(char *data, size_t one, size_t n, void *context) {
  struct client *c = context;
  size_t room = sizeof c->answer - 1 - c->answer_len, some = n < room ? n : room;
  memcpy(c->answer + c->answer_len, data, some);
  c->answer_len += some;
  c->answer[c->answer_len] = '\0';
  return one * n;
}

static size_t give_content(char *to, size_t one, size_t n, void *context) {
  struct content *content = context;
  if (content->file)
    return fread(to, one, n, content->file);
  size_t some = content->len - content->at < n ? content->len - content->at : n;
  if (some > 0)
    memcpy(to, content->bytes + content->at, some);
  content->at += some;
  return some;
}

/* The server may ask for the body again, from its start. */
static int rewind_content(void *context, curl_off_t offset, int origin) {
  struct content *content = context;
  if (content->file)
    return fseeko(content->file, offset, origin) == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
  content->at = (size_t)offset;
  return CURL_SEEKFUNC_OK;
}

static bool open_content(const char *path, struct content *content) {
  struct stat st;
  memcpy(content->hash, SIGV4_EMPTY_HASH, sizeof content->hash);
  if (!path)
    return true;
  content->file = fopen(path, "rbe");
  if (!content->file || fstat(fileno(content->file), &st) != 0)
    return false;
  content->size = st.st_size;
  if (st.st_size > HASHED_MOST)
    return text_copy(content->hash, sizeof content->hash, "UNSIGNED-PAYLOAD");
  content->len = (size_t)st.st_size;
  content->bytes = malloc(content->len + 1);
  bool ok = content->bytes && fread(content->bytes, 1, content->len, content->file) == content->len &&
            hash_sha256(content->bytes, content->len, content->hash);
  fclose(content->file);
  content->file = NULL;
  return ok;
}

static void close_content(struct content *content) {
  if (content->file)
    fclose(content->file);
  free(content->bytes);
}

/* The Authorization header of a request whose other headers are given. */
static bool authorize(const struct client *c, const struct sigv4_request *request, const char *hash, const char *date,
                      struct text *out) {
  struct sigv4_claim claim = {.form = SIGV4_HEADER};
  const struct sigv4_rules rules = {.region = c->options.region, .service = "s3", .s3 = true};
  struct text canonical = {0}, to_sign = {0};
  char signature[HASH_SHA256_HEX];
  snprintf(claim.signed_headers, sizeof claim.signed_headers, "host;x-amz-content-sha256;x-amz-date%s",
           c->options.token ? ";x-amz-security-token" : "");
  snprintf(claim.day, sizeof claim.day, "%.8s", date);
  text_copy(claim.date, sizeof claim.date, date);
  text_copy(claim.payload, sizeof claim.payload, hash);
  text_copy(claim.service, sizeof claim.service, "s3");
  bool ok = text_copy(claim.region, sizeof claim.region, c->options.region);
  sigv4_canonical(request, &rules, &claim, &canonical);
  sigv4_to_sign(&claim, &canonical, &to_sign);
  ok = ok && !to_sign.failed && sigv4_signature(&claim, c->options.secret_key, to_sign.data, signature);
  if (ok)
    text_printf(out, "AWS4-HMAC-SHA256 Credential=%s/%s/%s/s3/aws4_request, SignedHeaders=%s, Signature=%s",
                c->options.access_key, claim.day, claim.region, claim.signed_headers, signature);
  text_finish(&canonical);
  text_finish(&to_sign);
  return ok && !out->failed;
}

static bool append(struct curl_slist **list, const char *name, const char *value) {
  struct text line = {0};
  text_printf(&line, *value ? "%s: %s" : "%s:%s", name, value);
  struct curl_slist *grown = line.failed ? NULL : curl_slist_append(*list, line.data);
  text_finish(&line);
  if (grown)
    *list = grown;
  return grown != NULL;
}

/* All headers of the request; NULL when memory is out. */
static struct curl_slist *make_headers(const struct client *c, const char *target, const struct content *content) {
  char date[17];
  struct tm tm;
  time_t now = time(NULL);
  struct text authorization = {0};
  struct curl_slist *list = NULL;
  size_t count = c->options.token ? 4 : 3;
  strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
  const struct sigv4_header headers[] = {{"Host", c->host},
                                         {"x-amz-content-sha256", content->hash},
                                         {"x-amz-date", date},
                                         {"x-amz-security-token", c->options.token ? c->options.token : ""}};
  const struct sigv4_request request = {"PUT", target, headers, count, NULL};
  bool ok = authorize(c, &request, content->hash, date, &authorization);
  for (size_t i = 0; ok && i < count; i++)
    ok = append(&list, headers[i].name, headers[i].value);
  ok = ok && append(&list, "Authorization", authorization.data) && append(&list, "Expect", "");
  if (ok && *content->md5)
    ok = append(&list, "Content-MD5", content->md5);
  text_finish(&authorization);
  if (ok)
    return list;
  curl_slist_free_all(list);
  return NULL;
}

static bool transfer(struct client *c, const char *target, struct content *content, char *message, size_t size) {
  struct text url = {0};
  long status = 0;
  struct curl_slist *headers = make_headers(c, target, content);
  text_printf(&url, "%s%s", c->options.endpoint, target);
  c->answer_len = 0;
  c->answer[0] = '\0';
  curl_easy_reset(c->curl);
  curl_easy_setopt(c->curl, CURLOPT_URL, url.data);
  curl_easy_setopt(c->curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(c->curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(c->curl, CURLOPT_READFUNCTION, give_content);
  curl_easy_setopt(c->curl, CURLOPT_READDATA, content);
  curl_easy_setopt(c->curl, CURLOPT_SEEKFUNCTION, rewind_content);
  curl_easy_setopt(c->curl, CURLOPT_SEEKDATA, content);
  curl_easy_setopt(c->curl, CURLOPT_INFILESIZE_LARGE, content->file ? content->size : (curl_off_t)content->len);
  curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_answer);
  curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
  CURLcode result = headers && !url.failed ? curl_easy_perform(c->curl) : CURLE_OUT_OF_MEMORY;
  curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
  if (result != CURLE_OK)
    snprintf(message, size, "PUT %s: %s", url.data ? url.data : target, curl_easy_strerror(result));
  else if (status != 200)
    snprintf(message, size, "PUT %s: status %ld: %s", url.data, status, c->answer);
  curl_slist_free_all(headers);
  text_finish(&url);
  return result == CURLE_OK && status == 200;
}

static bool make_target(const char *bucket, const char *key, struct text *target) {
  text_putc(target, '/');
  uri_encode(target, bucket, strlen(bucket), URI_PATH);
  if (*key)
    text_putc(target, '/');
  uri_encode(target, key, strlen(key), URI_PATH);
  return !target->failed;
}

bool client_put(struct client *c, const char *bucket, const char *key, const char *path, char *message, size_t size) {
  struct text target = {0};
  struct content content = {0};
  bool ok = false;
  if (!make_target(bucket, key, &target))
    snprintf(message, size, "out of memory");
  else if (!open_content(path, &content))
    snprintf(message, size, "%s: %s", path, errno ? strerror(errno) : "cannot be read");
  else
    ok = transfer(c, target.data, &content, message, size);
  close_content(&content);
  text_finish(&target);
  return ok;
}

bool client_put_tags(struct client *c, const char *bucket, const char *xml, char *message, size_t size) {
  unsigned char md5[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  struct text target = {0};
  struct content content = {.bytes = strdup(xml), .len = strlen(xml)};
  bool ok = make_target(bucket, "", &target) && content.bytes && hash_sha256(xml, content.len, content.hash) &&
            EVP_Digest(xml, content.len, md5, &len, EVP_md5(), NULL);
  text_puts(&target, "?tagging=");
  if (ok) {
    EVP_EncodeBlock((unsigned char *)content.md5, md5, (int)len);
    ok = transfer(c, target.data, &content, message, size);
  } else
    snprintf(message, size, "out of memory");
  close_content(&content);
  text_finish(&target);
  return ok;
}
