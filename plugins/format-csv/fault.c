/* Turns a fault of a record into a reject, or into the error of the unit. */
#include "fault.h"

enum { SHOWN = 60, REASON = 512 };

/* At most SHOWN bytes of a value for people: no control characters, no broken UTF-8. */
static void show_value(char out[SHOWN + 4], const uint8_t *text, size_t n) {
  size_t i = 0, shown = n < SHOWN ? n : SHOWN;
  while (i < shown) {
    size_t valid = sluice_utf8_valid(text + i, shown - i);
    for (size_t k = i; k < i + valid; k++)
      out[k] = text[k] < 0x20 || text[k] == 0x7f ? '?' : (char)text[k];
    i += valid;
    if (i < shown)
      out[i++] = '?';
  }
  memcpy(out + shown, n > shown ? "..." : "", n > shown ? 4 : 1);
}

static void describe_value(const struct csv_reporter *r, const struct csv_fault *f, const uint8_t *text, char *out) {
  const struct ArrowSchema *field = r->layout->schema.children[f->column];
  char value[SHOWN + 4], type[96];
  show_value(value, text, f->text_end - f->text);
  sluice_type_name(field->format, type, sizeof type);
  if (f->code == CSV_FAULT_NO_VALUE)
    snprintf(out, REASON, "no value for a column that must have one, %s", type);
  else if (f->code == CSV_FAULT_UTF8)
    snprintf(out, REASON, "\"%s\" is not valid UTF-8, as %s must be", value, type);
  else
    snprintf(out, REASON, "\"%s\" is not %s", value, type);
}

static void describe(const struct csv_reporter *r, const struct csv_fault *f, const struct csv_record *record,
                     const uint8_t *text, char *out) {
  static const char *const plain[] = {
      [CSV_FAULT_STRAY_QUOTE] = "a quote inside a field that does not begin with one",
      [CSV_FAULT_AFTER_QUOTE] = "text behind a closing quote",
      [CSV_FAULT_OPEN_QUOTE] = "a quote is opened and never closed",
      [CSV_FAULT_QUOTED_END] = "a line end within quotes, and pieces = \"lines\" says that there is none",
      [CSV_FAULT_ZERO_BYTE] = "the record holds a zero byte",
  };
  if (f->code == CSV_FAULT_RAGGED)
    snprintf(out, REASON, "the record has %u field%s, and must have %u", f->detail, f->detail == 1 ? "" : "s",
             r->columns);
  else if (f->code == CSV_FAULT_LONG)
    snprintf(out, REASON, "the record has %zu bytes, and max_line is %zu%s", record->size, r->max_line,
             f->detail ? "; a quote is opened and never closed" : "");
  else if (f->column >= 0)
    describe_value(r, f, text, out);
  else
    snprintf(out, REASON, "%s", plain[f->code]);
}

static int fail(const struct csv_reporter *r, const struct csv_record *record, const char *column, const char *reason,
                struct sluice_error *err) {
  bool first = err && !err->message[0];
  sluice_fail(err, SLUICE_ERR_DATA, r->part,
              "record %lld, at byte %lld%s%s%s: %s; mend it, or let bad records be rejected", (long long)record->row,
              (long long)record->offset, column ? ", column \"" : "", column ? column : "", column ? "\"" : "", reason);
  if (first) {
    err->row = record->row;
    err->offset = record->offset;
  }
  return SLUICE_ERR_DATA;
}

int csv_report(const struct csv_reporter *r, const struct csv_fault *fault, const struct csv_record *record,
               const uint8_t *text, struct sluice_error *err) {
  const char *column = fault->column >= 0 ? r->layout->schema.children[fault->column]->name : NULL;
  size_t raw_size = record->held < CSV_RAW_MAX ? record->held : CSV_RAW_MAX;
  char reason[REASON + 64];
  describe(r, fault, record, text, reason);
  if (!r->rejects || (r->fatal >> fault->code & 1))
    return fail(r, record, column, reason, err);
  size_t n = strlen(reason);
  if (raw_size < record->size)
    snprintf(reason + n, sizeof reason - n, " (of its %zu bytes the first %zu are kept)", record->size, raw_size);
  const struct sluice_reject reject = {.struct_size = sizeof reject,
                                       .row = record->row,
                                       .offset = record->offset,
                                       .column = column,
                                       .reason = reason,
                                       .raw = record->raw,
                                       .raw_size = raw_size};
  return r->rejects->add(r->rejects, &reject, err);
}
