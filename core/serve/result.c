/* Results of runs to JSON and back. */
#include "core/serve/result.h"
#include "core/serve/lines.h"

struct text_member {
  const char *name;
  size_t offset, size;
};
#define TEXT_MEMBER(field)                                                                                             \
  { #field, offsetof(struct serve_result, field), sizeof((struct serve_result *)0)->field }
static const struct text_member texts[] = {TEXT_MEMBER(outcome), TEXT_MEMBER(where), TEXT_MEMBER(message),
                                           TEXT_MEMBER(part), TEXT_MEMBER(rejects)};
struct number_member {
  const char *name;
  size_t offset;
};
#define NUMBER_MEMBER(name, field)                                                                                     \
  { name, offsetof(struct serve_result, field) }
static const struct number_member numbers[] = {NUMBER_MEMBER("started_us", started),
                                               NUMBER_MEMBER("ended_us", ended),
                                               NUMBER_MEMBER("milliseconds", milliseconds),
                                               NUMBER_MEMBER("parts_done", counters.parts_done),
                                               NUMBER_MEMBER("parts_failed", counters.parts_failed),
                                               NUMBER_MEMBER("parts_gone", counters.parts_gone),
                                               NUMBER_MEMBER("parts_skipped", counters.parts_skipped),
                                               NUMBER_MEMBER("rows", counters.rows),
                                               NUMBER_MEMBER("rejected_rows", counters.rejects),
                                               NUMBER_MEMBER("filtered_rows", counters.filtered),
                                               NUMBER_MEMBER("unchanged_rows", counters.unchanged),
                                               NUMBER_MEMBER("bytes", counters.bytes),
                                               NUMBER_MEMBER("lag_files", lag_files),
                                               NUMBER_MEMBER("lag_bytes", lag_bytes),
                                               NUMBER_MEMBER("requests", requests),
                                               NUMBER_MEMBER("retries", retries),
                                               NUMBER_MEMBER("credential_requests", credential_requests),
                                               NUMBER_MEMBER("list_us", stage_us[STAGE_LIST]),
                                               NUMBER_MEMBER("read_us", stage_us[STAGE_READ]),
                                               NUMBER_MEMBER("decode_us", stage_us[STAGE_DECODE]),
                                               NUMBER_MEMBER("map_us", stage_us[STAGE_MAP]),
                                               NUMBER_MEMBER("deliver_us", stage_us[STAGE_DELIVER]),
                                               NUMBER_MEMBER("suspects", suspects)};
enum { TEXTS = sizeof texts / sizeof *texts, NUMBERS = sizeof numbers / sizeof *numbers };

void serve_result_take(struct serve_result *out, const struct run_result *run) {
  snprintf(out->outcome, sizeof out->outcome, "%s", run_outcome_name(run->outcome));
  snprintf(out->where, sizeof out->where, "%s", run->error.where);
  snprintf(out->message, sizeof out->message, "%s", run->error.message);
  snprintf(out->rejects, sizeof out->rejects, "%s", run->rejects_path);
  out->milliseconds = run->milliseconds;
  out->counters = run->counters;
  out->requests = run->requests;
  out->retries = run->retries;
  out->credential_requests = run->credential_requests;
  memcpy(out->stage_us, run->stage_us, sizeof out->stage_us);
}

json_t *serve_result_json(const struct serve_result *result) {
  json_t *out = json_object();
  int failed = !out;
  for (size_t i = 0; i < TEXTS && !failed; i++)
    failed = json_object_set_new(out, texts[i].name, lines_text((const char *)result + texts[i].offset));
  for (size_t i = 0; i < NUMBERS && !failed; i++) {
    int64_t value;
    memcpy(&value, (const char *)result + numbers[i].offset, sizeof value);
    failed = json_object_set_new(out, numbers[i].name, json_integer(value));
  }
  if (!failed)
    return out;
  json_decref(out);
  return NULL;
}

bool serve_result_parse(const json_t *json, struct serve_result *out) {
  struct serve_result result = {.started = 0};
  for (size_t i = 0; i < TEXTS; i++) {
    const json_t *value = json_object_get(json, texts[i].name);
    if (value && !json_is_string(value))
      return false;
    if (value)
      snprintf((char *)&result + texts[i].offset, texts[i].size, "%s", json_string_value(value));
  }
  for (size_t i = 0; i < NUMBERS; i++) {
    const json_t *value = json_object_get(json, numbers[i].name);
    if (value && !json_is_integer(value))
      return false;
    int64_t number = json_integer_value(value);
    memcpy((char *)&result + numbers[i].offset, &number, sizeof number);
  }
  *out = result;
  return json_is_object(json);
}
