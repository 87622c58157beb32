/* Records that would be rejected: the first of them, with the value that is to blame where it can be told. */
#include "core/plan/errors.h"
#include "core/log/log.h"
#include "core/plan/value.h"
#include <sluice/arrow.h>
#include <stdlib.h>

enum { REASON_MAX = 1000, VALUE_MAX = 200, RECORD_MAX = 500, CODE_MAX = 64 };

/* At most `most` bytes, not cut within a character; "..." says that it was cut. NULL: no memory. */
static char *cut(const char *text, size_t n, size_t most) {
  bool whole = n <= most;
  n = whole ? n : most;
  while (!whole && n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
    n--;
  char *copy = malloc(n + 4);
  if (!copy)
    return NULL;
  memcpy(copy, text, n);
  for (size_t i = 0; i < n; i++)
    if (!copy[i])
      copy[i] = ' ';
  memcpy(copy + n, whole ? "" : "...", whole ? 1 : 4);
  return copy;
}

/* NULL: it cannot be told. */
static char *value_of(const struct plan_refusal *r) {
  char *text = value_in_record(r->raw, r->raw_size, r->column);
  char *out = text ? cut(text, strlen(text), VALUE_MAX) : NULL;
  free(text);
  return out;
}

/* A reason that begins with a code of its own, such as "Invalid_Tag_Length: ...": its length; 0: none. */
static size_t own_code(const char *reason) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  size_t n = strspn(reason, letters);
  bool code = n > 0 && n <= CODE_MAX && reason[0] >= 'A' && reason[0] <= 'Z' && memchr(reason, '_', n);
  return code && strncmp(reason + n, ": ", 2) == 0 ? n : 0;
}

static char *code_of(const char *stage, const char *reason) {
  size_t n = own_code(reason);
  return n ? strndup(reason, n) : strdup(stage);
}

static void error_finish(struct plan_error *e) {
  free(e->code);
  free(e->message);
  free(e->column);
  free(e->value);
  free(e->record);
}

/* Keeps the array sorted by row; of one row, as they came. */
static void insert(struct plan_sample *sample, const struct plan_error *error) {
  size_t i = sample->n_errors;
  if (i == PLAN_ERRORS_MAX)
    error_finish(&sample->errors[--i]); /* the last by row makes room */
  else
    sample->n_errors++;
  for (; i > 0 && sample->errors[i - 1].row > error->row; i--)
    sample->errors[i] = sample->errors[i - 1];
  sample->errors[i] = *error;
}

static bool is_of_interest(const struct plan_sample *sample, int64_t row) {
  return sample->n_errors < PLAN_ERRORS_MAX || row < sample->errors[PLAN_ERRORS_MAX - 1].row;
}

int plan_refuse(struct plan_sample *sample, const struct plan_refusal *r) {
  sample->rejected++;
  if (!is_of_interest(sample, r->row))
    return SLUICE_OK;
  const char *reason = r->reason ? r->reason : "no reason given";
  struct plan_error error = {.code = code_of(r->code, reason),
                             .row = r->row,
                             .offset = r->offset,
                             .message = cut(reason, strlen(reason), REASON_MAX),
                             .column = r->column ? cut(r->column, strlen(r->column), VALUE_MAX) : NULL,
                             .value = value_of(r),
                             .record = r->raw_size ? cut(r->raw, r->raw_size, RECORD_MAX) : NULL};
  if (!error.code || !error.message || (r->column && !error.column) || (r->raw_size && !error.record)) {
    error_finish(&error);
    return SLUICE_ERR_MEMORY;
  }
  log_redact(error.message);
  insert(sample, &error);
  return SLUICE_OK;
}

void plan_sample_finish(struct plan_sample *sample) {
  for (size_t i = 0; i < sample->n_errors; i++)
    error_finish(&sample->errors[i]);
  for (size_t i = 0; i < sample->n_payloads; i++)
    free(sample->payloads[i]);
  free(sample->payloads);
}
