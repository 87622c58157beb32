/* Splits NDJSON, a JSON array or one JSON object into records, byte by byte, without building documents. */
#include "scan.h"
#include <stdlib.h>
#include <string.h>

enum { LINES_LIMIT = 1 << 30 };
enum { AT_START, AT_FIRST, AT_NEXT, IN_RECORD, AT_END };

bool lines_append(struct lines *lines, const void *bytes, size_t n) {
  if (n > LINES_LIMIT || lines->size > LINES_LIMIT - n)
    return false;
  if (lines->size + n > lines->capacity) {
    size_t capacity = lines->capacity ? lines->capacity : 4096;
    while (capacity < lines->size + n)
      capacity *= 2;
    char *data = realloc(lines->data, capacity);
    if (!data)
      return false;
    lines->data = data;
    lines->capacity = capacity;
  }
  if (n)
    memcpy(lines->data + lines->size, bytes, n);
  lines->size += n;
  return true;
}

void lines_finish(struct lines *lines) {
  free(lines->data);
  memset(lines, 0, sizeof *lines);
}

void scan_init(struct scan *scan, enum scan_kind kind, struct lines *out) {
  memset(scan, 0, sizeof *scan);
  scan->kind = kind;
  scan->out = out;
}

static void put(struct scan *scan, const void *bytes, size_t n) {
  if (scan->out && !lines_append(scan->out, bytes, n))
    scan->problem = "the body is too large to keep";
}

static void end_record(struct scan *scan) {
  put(scan, "\n", 1);
  scan->records++;
}

static void feed_lines(struct scan *scan, const uint8_t *bytes, size_t n) {
  while (n > 0) {
    const uint8_t *newline = memchr(bytes, '\n', n);
    size_t text = newline ? (size_t)(newline - bytes) : n;
    if (text > 0) {
      put(scan, bytes, text);
      scan->line_used = true;
    }
    if (!newline)
      return;
    if (scan->line_used)
      end_record(scan);
    scan->line_used = false;
    bytes += text + 1;
    n -= text + 1;
  }
}

static bool is_space(uint8_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A record goes on; true if this byte was its last one. */
static bool record_byte(struct scan *scan, uint8_t c) {
  if (scan->in_string) {
    if (scan->escaped)
      scan->escaped = false;
    else if (c == '\\')
      scan->escaped = true;
    else if (c == '"')
      scan->in_string = false;
    return false;
  }
  if (c == '"')
    scan->in_string = true;
  else if (c == '{' || c == '[')
    scan->depth++;
  else if (c == '}' || c == ']')
    return --scan->depth == 0 && !scan->in_array;
  return false;
}

static void begin_record(struct scan *scan, uint8_t c) {
  scan->state = IN_RECORD;
  scan->depth = 0;
  if (c == ',' || c == ']' || c == '}') {
    scan->problem = "a record is missing in the JSON array";
    return;
  }
  put(scan, &c, 1);
  record_byte(scan, c);
}

static void start_byte(struct scan *scan, uint8_t c) {
  scan->in_array = c == '[';
  if (c == '[')
    scan->state = AT_FIRST;
  else if (c == '{')
    begin_record(scan, c);
  else
    scan->problem = "the body is neither a JSON array nor a JSON object";
}

static void inside_byte(struct scan *scan, uint8_t c) {
  if (scan->in_array && !scan->in_string && scan->depth == 0 && (c == ',' || c == ']')) {
    end_record(scan);
    scan->state = c == ',' ? AT_NEXT : AT_END;
    return;
  }
  uint8_t kept = is_space(c) ? ' ' : c; /* a line break between two tokens must not end the line */
  put(scan, &kept, 1);
  if (!record_byte(scan, c))
    return;
  end_record(scan);
  scan->state = AT_END;
}

static void json_byte(struct scan *scan, uint8_t c) {
  if (scan->state == IN_RECORD) {
    inside_byte(scan, c);
    return;
  }
  if (is_space(c))
    return;
  if (scan->state == AT_START)
    start_byte(scan, c);
  else if (scan->state == AT_END)
    scan->problem = "bytes behind the end of the JSON text";
  else if (scan->state == AT_FIRST && c == ']')
    scan->state = AT_END;
  else
    begin_record(scan, c);
}

void scan_feed(struct scan *scan, const uint8_t *bytes, size_t n) {
  if (scan->kind == SCAN_NDJSON) {
    if (!scan->problem)
      feed_lines(scan, bytes, n);
    return;
  }
  for (size_t i = 0; i < n && !scan->problem; i++)
    json_byte(scan, bytes[i]);
}

void scan_end(struct scan *scan) {
  if (scan->problem)
    return;
  if (scan->kind == SCAN_NDJSON) {
    if (scan->line_used)
      end_record(scan);
    return;
  }
  if (scan->state != AT_END)
    scan->problem = "the JSON text ends too early";
}
