/* What people read: errors, names that came from elsewhere, JSON. */
#include "core/cli/report.h"
#include "core/base/text.h"
#include "core/log/log.h"
#include <sluice/arrow.h>
#include <stdlib.h>

/* ---- texts from elsewhere ---- */

static bool is_control(const unsigned char *at) {
  return *at < 0x20 || *at == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0); /* C1 in UTF-8: some terminals obey it */
}

static int escape(struct text *out, const char *text) {
  size_t n = strlen(text), valid = sluice_utf8_valid(text, n);
  int code = SLUICE_OK;
  for (size_t i = 0; i < n && code == SLUICE_OK; i++) {
    const unsigned char *at = (const unsigned char *)text + i;
    bool broken = i == valid;
    if (broken)
      valid = i + 1 + sluice_utf8_valid(text + i + 1, n - i - 1);
    if (broken || is_control(at))
      code = text_printf(out, "\\x%02x", *at);
    else
      code = text_append(out, at, 1);
    if (code == SLUICE_OK && !broken && *at == 0xc2 && is_control(at))
      code = text_printf(out, "\\x%02x", at[1]);
    i += !broken && *at == 0xc2 && is_control(at);
  }
  return code;
}

void print_safe(FILE *out, const char *text) {
  struct text safe = {0};
  fputs(escape(&safe, text) == SLUICE_OK ? text_get(&safe) : "(too long)", out);
  text_finish(&safe);
}

json_t *json_safe(const char *text) {
  struct text safe = {0};
  json_t *value = json_string(text);
  if (!value && escape(&safe, text) == SLUICE_OK)
    value = json_string(text_get(&safe));
  text_finish(&safe);
  return value;
}

void print_json(FILE *out, json_t *document, bool pretty) {
  char *text = document ? json_dumps(document, pretty ? JSON_INDENT(2) : JSON_COMPACT) : NULL;
  if (text)
    fprintf(out, "%s\n", text);
  free(text);
  json_decref(document);
}

void format_time(int64_t microseconds, char out[REPORT_TIME_SIZE]) {
  char text[SLUICE_TEXT_MAX];
  int64_t seconds = microseconds / 1000000 - (microseconds % 1000000 < 0);
  size_t n = microseconds == INT64_MIN ? 0 : sluice_print_timestamp(text, seconds, SLUICE_SECOND, true);
  snprintf(out, REPORT_TIME_SIZE, "%.*s", n ? (int)n : 1, n ? text : "-");
}

/* ---- errors ---- */

/* "where: message", without a place that the message names itself. */
static int error_text(const char *job, const struct sluice_error *err, struct text *out) {
  const char *message = err->message[0] ? err->message : "it failed and gave no reason";
  int code = job ? text_printf(out, "%s: ", job) : SLUICE_OK;
  if (code == SLUICE_OK && err->where[0] && !strstr(message, err->where))
    code = text_printf(out, "%s: ", err->where);
  return code == SLUICE_OK ? text_add(out, message) : code;
}

static void print_line(const char *prefix, const char *line) {
  fflush(stdout); /* what was found before comes first */
  fputs(prefix, stderr);
  print_safe(stderr, line);
  fputs("\n", stderr);
}

void report_note(const struct cli *cli, const char *line) {
  if (cli->json_log)
    log_write(SLUICE_INFO, NULL, "%s", line);
  else if (!args_has(&cli->args, "quiet"))
    print_line("", line);
}

enum exit_status report_error(const struct cli *cli, const char *job, int code, const struct sluice_error *err) {
  struct text line = {0};
  if (error_text(job, err, &line) == SLUICE_OK)
    log_redact(line.data);
  if (cli->json_log)
    log_write(SLUICE_ERROR, NULL, "%s", text_get(&line));
  else
    print_line("sluice: ", text_get(&line));
  text_finish(&line);
  return exit_of_code(code);
}

enum exit_status report_usage(const struct cli *cli, const char *format, ...) {
  struct sluice_error err = {0};
  va_list args;
  va_start(args, format);
  sluice_vfail(&err, SLUICE_ERR_CONFIG, NULL, format, args);
  va_end(args);
  report_error(cli, NULL, SLUICE_ERR_CONFIG, &err);
  if (!cli->json_log)
    fprintf(stderr, "Try: sluice help%s%s\n", cli->command ? " " : "", cli->command ? cli->command->name : "");
  return STATUS_USAGE;
}
