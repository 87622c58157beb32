/* The part of an HTTP answer before its body, as far as S3 needs it. */
#include "request/head.h"
#include "base/text.h"
#include "request/moved.h"
#include <curl/curl.h>
#include <sluice/arrow.h>
#include <strings.h>

enum { RETRY_AFTER_MAX_S = 120, AMZ_RETRY_EXTRA_MS = 5000, RETRY_AFTER_EXTRA_MS = 60000 };

void head_clear(struct head *head) {
  memset(head, 0, sizeof *head);
  head->length = head->first = head->last = head->total = head->date = head->retry_ms = -1;
}

static bool number(const char *text, size_t n, int64_t *out) {
  int64_t value;
  if (!sluice_parse_int(text, n, &value) || value < 0)
    return false;
  *out = value;
  return true;
}

/* bytes 0-9/100, or bytes and a star for what is not known */
static void read_range(struct head *head, const char *value, size_t n) {
  static const char unit[] = "bytes ";
  head->first = head->last = head->total = -1; /* of two, the last counts, and nothing of the one before */
  if (n < sizeof unit - 1 || strncasecmp(value, unit, sizeof unit - 1) != 0)
    return;
  value += sizeof unit - 1;
  n -= sizeof unit - 1;
  const char *slash = memchr(value, '/', n);
  if (!slash)
    return;
  const char *dash = memchr(value, '-', (size_t)(slash - value));
  number(slash + 1, n - (size_t)(slash + 1 - value), &head->total);
  int64_t first, last;
  if (!dash || !number(value, (size_t)(dash - value), &first) || !number(dash + 1, (size_t)(slash - dash - 1), &last) ||
      last < first || (head->total >= 0 && last >= head->total))
    return;
  head->first = first;
  head->last = last;
}

static void read_etag(struct head *head, const char *value, size_t n) {
  if (n >= 2 && value[0] == '"' && value[n - 1] == '"') {
    value++;
    n -= 2;
  }
  for (size_t i = 0; i < n; i++)
    head->etag_unfit |= value[i] < '!' || value[i] > '~' || value[i] == '"';
  head->etag_unfit |= n >= sizeof head->etag;
  if (head->etag_unfit)
    return;
  memcpy(head->etag, value, n); /* as it is, for it is sent back */
  head->etag[n] = 0;
}

static void read_retry_after(struct head *head, const char *value, size_t n) {
  int64_t seconds;
  if (head->retry_ms >= 0 || !number(value, n, &seconds))
    return;
  head->retry_ms = (seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * 1000;
  head->retry_extra_ms = RETRY_AFTER_EXTRA_MS;
}

/* S3's own, which goes before the other. */
static void read_amz_retry_after(struct head *head, const char *value, size_t n) {
  int64_t ms;
  if (!number(value, n, &ms))
    return;
  head->retry_ms = ms < RETRY_AFTER_MAX_S * 1000 ? ms : RETRY_AFTER_MAX_S * 1000;
  head->retry_extra_ms = AMZ_RETRY_EXTRA_MS;
}

static void read_date(struct head *head, const char *value, size_t n) {
  char date[64];
#ifdef SLUICE_PLANTED_BUGS
  memcpy(date, value, n); /* too small for a longer one */
  date[n] = 0;
#else
  text_copy_line(date, sizeof date, value, n);
#endif
  int64_t when = (int64_t)curl_getdate(date, NULL);
  head->date = when < 0 ? -1 : when;
}

static void read_location(struct head *head, const char *value, size_t n) {
  char url[512];
  text_copy_line(url, sizeof url, value, n);
  if (!head->region[0])
    moved_region(url, head->region);
}

static bool is(const char *name, size_t n, const char *wanted) {
  return n == strlen(wanted) && strncasecmp(name, wanted, n) == 0;
}

static void read_field(struct head *head, const char *name, size_t k, const char *value, size_t n) {
  if (is(name, k, "content-length"))
    number(value, n, &head->length);
  else if (is(name, k, "content-range"))
    read_range(head, value, n);
  else if (is(name, k, "etag"))
    read_etag(head, value, n);
  else if (is(name, k, "date"))
    read_date(head, value, n);
  else if (is(name, k, "retry-after"))
    read_retry_after(head, value, n);
  else if (is(name, k, "x-amz-retry-after"))
    read_amz_retry_after(head, value, n);
  else if (is(name, k, "x-amz-bucket-region"))
    text_copy_line(head->region, sizeof head->region, value, n);
  else if (is(name, k, "location"))
    read_location(head, value, n);
  else if (is(name, k, "x-amz-request-id"))
    text_copy_line(head->request_id, sizeof head->request_id, value, n);
  else if (is(name, k, "x-amz-checksum-type"))
    head->composite = is(value, n, "COMPOSITE");
  else if (checksum_read(name, k, value, n, &head->checksum))
    return;
  else if (is(name, k, "x-amz-id-2"))
    text_copy_line(head->host_id, sizeof head->host_id, value, n);
}

static void read_status(struct head *head, const char *line, size_t n) {
  size_t bytes = head->bytes;
  const char *blank = memchr(line, ' ', n);
  int64_t http = 0;
  head_clear(head); /* what came before was a 100 Continue */
  head->bytes = bytes;
  if (blank && (size_t)(line + n - blank) >= 4)
    number(blank + 1, 3, &http);
  head->http = (int)http;
}

bool head_line(struct head *head, const char *line, size_t n) {
  if (n > HEAD_BYTES_MAX - head->bytes)
    return false;
  head->bytes += n;
  if (head->ended) /* trailers, whatever they look like */
    return true;
  while (n && (line[n - 1] == '\n' || line[n - 1] == '\r' || line[n - 1] == ' ' || line[n - 1] == '\t'))
    n--;
  if (n == 0)
    head->ended = head->http >= 200;
  else if (n >= 5 && strncmp(line, "HTTP/", 5) == 0)
    read_status(head, line, n);
  else {
    const char *colon = memchr(line, ':', n);
    if (!colon)
      return true;
    const char *value = colon + 1;
    while (value < line + n && (*value == ' ' || *value == '\t'))
      value++;
    read_field(head, line, (size_t)(colon - line), value, (size_t)(line + n - value));
  }
  return true;
}
