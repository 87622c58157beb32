/* Undoes gzip, hashes the decoded bytes and hands them to the scanner. */
#include "body.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const int64_t BODY_LIMIT = INT64_C(4) << 30; /* decoded, against gzip bombs */

bool body_init(struct body *body, enum scan_kind kind, bool gzip, bool keep) {
  memset(body, 0, sizeof *body);
  body->keep = keep;
  body->gzip = gzip;
  scan_init(&body->scan, kind, keep ? &body->lines : NULL);
  if (keep) {
    body->sha = EVP_MD_CTX_new();
    if (!body->sha || EVP_DigestInit_ex(body->sha, EVP_sha256(), NULL) != 1)
      return false;
  }
  body->zip_state = Z_STREAM_END;
  return !gzip || inflateInit2(&body->zip, 15 + 16) == Z_OK;
}

static void feed_decoded(struct body *body, const uint8_t *bytes, size_t n) {
  body->bytes += (int64_t)n;
  if (body->bytes > BODY_LIMIT) {
    body->scan.problem = "the decoded body is too large";
    return;
  }
  if (body->sha)
    EVP_DigestUpdate(body->sha, bytes, n);
  scan_feed(&body->scan, bytes, n);
}

static void feed_gzip(struct body *body, const uint8_t *bytes, size_t n) {
  uint8_t out[16384];
  body->zip.next_in = (Bytef *)bytes; /* zlib reads only, though it takes no const here */
  body->zip.avail_in = (uInt)n;
  do {
    if (body->zip_state == Z_STREAM_END && body->zip.total_in > 0)
      inflateReset(&body->zip); /* a further member follows */
    body->zip.next_out = out;
    body->zip.avail_out = sizeof out;
    body->zip_state = inflate(&body->zip, Z_NO_FLUSH);
    if (body->zip_state != Z_OK && body->zip_state != Z_STREAM_END && body->zip_state != Z_BUF_ERROR) {
      body->scan.problem = "the gzip data is broken";
      return;
    }
    feed_decoded(body, out, sizeof out - body->zip.avail_out);
  } while (!body->scan.problem && (body->zip.avail_in > 0 || body->zip.avail_out == 0));
}

void body_feed(struct body *body, const void *bytes, size_t n) {
  if (body->scan.problem || n == 0)
    return;
  if (body->gzip)
    feed_gzip(body, bytes, n);
  else
    feed_decoded(body, bytes, n);
}

static void hash_text(struct body *body) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_DigestFinal_ex(body->sha, digest, &size) != 1 || size != 32) {
    body->scan.problem = "cannot hash the body";
    return;
  }
  for (size_t i = 0; i < 32; i++)
    snprintf(body->sha256 + 2 * i, 3, "%02x", digest[i]);
}

static void check_records(struct body *body) {
  for (size_t at = 0; at < body->lines.size && !body->scan.problem;) {
    const char *line = body->lines.data + at;
    size_t n = (size_t)((const char *)memchr(line, '\n', body->lines.size - at) - line);
    json_error_t error;
    json_t *record = json_loadb(line, n, JSON_DECODE_INT_AS_REAL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (!record)
      body->scan.problem = "a record is not JSON";
    json_decref(record);
    at += n + 1;
  }
}

const char *body_end(struct body *body) {
  scan_end(&body->scan);
  if (body->gzip && !body->scan.problem && body->zip_state != Z_STREAM_END)
    body->scan.problem = "the gzip data ends too early";
  if (body->keep && !body->scan.problem) {
    hash_text(body);
    check_records(body);
  }
  return body->scan.problem;
}

void body_finish(struct body *body) {
  lines_finish(&body->lines);
  EVP_MD_CTX_free(body->sha);
  if (body->gzip)
    inflateEnd(&body->zip);
}

bool body_contains(const struct body *body, const char *text) {
  return body->lines.size > 0 && memmem(body->lines.data, body->lines.size, text, strlen(text)) != NULL;
}
