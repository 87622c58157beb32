/* Fuzzes the bodies of errors: what is taken from them, what it means, and what people are told. The XML below is also
 * fed in pieces, which must make no difference. */
#include "base/xml.h"
#include "told.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the XML, whole and in pieces ---- */

enum { FNV_PRIME = 16777619 };

struct digest { /* of all that the reader was told */
  uint32_t value;
};

static void add(struct digest *digest, const void *bytes, size_t n) {
  const uint8_t *at = bytes;
  for (size_t i = 0; i < n; i++)
    digest->value = (digest->value ^ at[i]) * FNV_PRIME;
}

static const char *on_start(void *context, int depth, const char *name) {
  require(depth >= 1 && depth <= XML_DEPTH_MAX);
  add(context, "<", 1);
  add(context, name, strlen(name) + 1);
  return NULL;
}

static const char *on_end(void *context, int depth, const char *name, const struct text *text) {
  require(depth >= 1 && depth <= XML_DEPTH_MAX && text->size <= XML_TEXT_MAX);
  require(strlen(text_get(text)) == text->size);
  add(context, ">", 1);
  add(context, name, strlen(name) + 1);
  add(context, text_get(text), text->size);
  return NULL;
}

static enum xml_result parse(const uint8_t *data, size_t size, size_t step, struct digest *digest) {
  static const struct xml_handler handler = {on_start, on_end};
  struct xml *xml = xml_create(&handler, digest);
  enum xml_result result = XML_GOOD;
  require(xml != NULL);
  for (size_t at = 0; result == XML_GOOD && at < size; at += step)
    result = xml_feed(xml, data + at, size - at < step ? size - at : step);
  if (result == XML_GOOD)
    result = xml_end(xml);
  require(result == XML_GOOD || xml_reason(xml)[0]);
  xml_destroy(xml);
  return result;
}

static void whole_and_pieces(const uint8_t *data, size_t size) {
  struct digest whole = {0}, pieces = {0};
  enum xml_result result = parse(data, size, size ? size : 1, &whole);
  require(parse(data, size, size % 2 ? 1 : 7, &pieces) == result);
  require(result != XML_GOOD || pieces.value == whole.value);
}

/* ---- errors ---- */

static void read_error(const void *body, size_t size, const char *secret) {
  static const int https[] = {301, 400, 403, 404, 416, 429, 500, 503};
  struct fault fault;
  fault_clear(&fault);
  fault_read_body(&fault, body, size);
  fault.http = https[size % (sizeof https / sizeof *https)];
  fault_classify(&fault, size % 3);
  require(fault.kind != FAULT_NONE);
  require_fault(&fault, secret);
}

/* S3 repeats tokens in elements that are not shown, whatever else the body holds. */
static void error_with_secret(const uint8_t *data, size_t size) {
  static const char secret[] = "IQoJb3JpZ2luX2VjEOr-fuzzed-session-token";
  struct text body = {0};
  if (repeats(data, size, secret))
    return;
  text_puts(&body, "<Error><Token-0>");
  text_puts(&body, secret);
  text_puts(&body, "</Token-0>");
  text_add(&body, data, size);
  read_error(text_get(&body), body.size, secret);
  text_finish(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  whole_and_pieces(data, size);
  read_error(data, size, "");
  error_with_secret(data, size);
  return 0;
}
