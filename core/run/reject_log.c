/* Rejects as NDJSON lines, in the order of their batches. */
#include "core/run/reject_log.h"
#include "core/base/hash.h"
#include "core/log/log.h"
#include <jansson.h>
#include <sluice/arrow.h>
#include <stdlib.h>

enum { RAW_MAX = 64 << 10, RAW_TIGHT = 16 << 20, LINES_MAX = 1 << 28 };

struct reject_line {
  int64_t mark;
  char *text;
};

/* The same record of the same version at the same stage always has the same id. */
static int make_id(const struct reject_record *r, char out[HASH_SIZE]) {
  char row[64];
  if (r->piece)
    snprintf(row, sizeof row, "%lld of piece %lld", (long long)r->row, (long long)r->piece);
  else
    snprintf(row, sizeof row, "%lld", (long long)r->row);
  const char *texts[] = {r->delivery, r->part, r->version, row, r->stage};
  return hash_texts(texts, sizeof texts / sizeof *texts, out);
}

/* The raw record as text where it is UTF-8, else in hex; cut at RAW_MAX, and said so. */
static int add_raw(json_t *object, const struct reject_record *r, size_t limit) {
  static const char digits[] = "0123456789abcdef";
  size_t n = r->raw_size < limit ? r->raw_size : limit;
  int failed = 0;
  if (n < r->raw_size)
    failed |= json_object_set_new(object, "raw_cut", json_true());
  while (n < r->raw_size && n > 0 && (((const uint8_t *)r->raw)[n] & 0xC0) == 0x80)
    n--; /* not within a character */
  if (sluice_utf8_valid(r->raw, n) == n)
    return failed | json_object_set_new(object, "raw", json_stringn(r->raw, n));
  char *hex = malloc(2 * n + 1);
  if (!hex)
    return -1;
  for (size_t i = 0; i < n; i++) {
    hex[2 * i] = digits[((const uint8_t *)r->raw)[i] >> 4];
    hex[2 * i + 1] = digits[((const uint8_t *)r->raw)[i] & 15];
  }
  failed |= json_object_set_new(object, "raw_hex", json_stringn(hex, 2 * n));
  free(hex);
  return failed;
}

/* A text that may not be UTF-8, such as a file name. */
static json_t *text_json(const char *text) {
  json_t *json = json_string(text);
  return json ? json : json_sprintf("(not UTF-8: %zu bytes)", strlen(text));
}

static char *line_text(const struct reject_record *r, size_t raw_limit) {
  char id[HASH_SIZE], reason[1024];
  snprintf(reason, sizeof reason, "%s", r->reason);
  reason[sluice_utf8_valid(reason, strlen(reason))] = 0; /* the cut may be within a character */
  log_redact(reason);
  json_t *object = json_object();
  int failed = !object || make_id(r, id);
  if (!failed)
    failed |= json_object_set_new(object, "id", json_stringn(id, 32));
  if (!failed)
    failed |= json_object_set_new(object, "delivery", text_json(r->delivery));
  if (!failed)
    failed |= json_object_set_new(object, "part", text_json(r->part));
  if (!failed)
    failed |= json_object_set_new(object, "version", text_json(r->version));
  if (!failed)
    failed |= json_object_set_new(object, "row", json_integer(r->row));
  if (!failed && r->piece)
    failed |= json_object_set_new(object, "piece", json_integer(r->piece));
  if (!failed && r->offset >= 0)
    failed |= json_object_set_new(object, "offset", json_integer(r->offset));
  if (!failed && r->column)
    failed |= json_object_set_new(object, "column", text_json(r->column));
  if (!failed)
    failed |= json_object_set_new(object, "stage", json_string(r->stage));
  if (!failed)
    failed |= json_object_set_new(object, "reason", text_json(reason));
  if (!failed)
    failed |= json_object_set_new(object, "attempts", json_integer(r->attempts ? r->attempts : 1));
  if (!failed && r->raw)
    failed |= add_raw(object, r, raw_limit);
  char *text = failed ? NULL : json_dumps(object, JSON_COMPACT);
  json_decref(object);
  return text;
}

static int take_line(struct reject_log *log, int64_t mark, char *text) {
  if (text && log->count == log->capacity) {
    size_t capacity = log->capacity ? log->capacity * 2 : 64;
    struct reject_line *grown = realloc(log->lines, capacity * sizeof *grown);
    if (grown) {
      log->lines = grown;
      log->capacity = capacity;
    }
  }
  if (!text || log->count == log->capacity) {
    free(text);
    return SLUICE_ERR_MEMORY;
  }
  log->lines[log->count++] = (struct reject_line){mark, text};
  log->bytes += strlen(text) + 1;
  return SLUICE_OK;
}

int reject_log_add(struct reject_log *log, int64_t mark, const struct reject_record *r, struct sluice_error *err) {
  int code = take_line(log, mark, line_text(r, log->bytes < RAW_TIGHT ? RAW_MAX : 256));
  return sluice_fail(err, code, r->part, "no memory for a reject");
}

int reject_log_add_line(struct reject_log *log, int64_t mark, const char *line) {
  return take_line(log, mark, strdup(line));
}

const char *reject_log_last(const struct reject_log *log) {
  return log->count ? log->lines[log->count - 1].text : "";
}

int reject_log_peek(const struct reject_log *log, int64_t mark, struct text *lines, int64_t *count) {
  int64_t n = 0;
  int code = SLUICE_OK;
  lines->limit = LINES_MAX;
  for (size_t i = 0; i < log->count && !code; i++) {
    if (log->lines[i].mark > mark)
      continue;
    code = text_add(lines, log->lines[i].text);
    if (!code)
      code = text_append(lines, "\n", 1);
    n++;
  }
  if (!code)
    *count = n;
  return code;
}

void reject_log_drop(struct reject_log *log, int64_t mark) {
  size_t kept = 0;
  for (size_t i = 0; i < log->count; i++) {
    if (log->lines[i].mark > mark) {
      log->lines[kept++] = log->lines[i];
    } else {
      log->bytes -= strlen(log->lines[i].text) + 1;
      free(log->lines[i].text);
    }
  }
  log->count = kept;
}

void reject_log_clear(struct reject_log *log) {
  reject_log_drop(log, INT64_MAX);
  free(log->lines);
  memset(log, 0, sizeof *log);
}
