/* Findings of a check, as they come. */
#include "core/cli/findings.h"
#include "core/base/text.h"
#include "core/log/log.h"
#include "core/run/stop.h"

static const char *state_name(int state) {
  return state > 0 ? "ok" : state == 0 ? "failed" : "unknown";
}

static void print_line(const struct finding_place *place, int state, const char *right, const char *text) {
  printf("%s: %s", place->job, place->kind);
  if (place->name)
    printf(" %s,", place->name);
  fputs(place->type[0] ? " " : "", stdout);
  print_safe(stdout, place->type);
  if (right) {
    printf(": %-7s  ", state > 0 ? "ok" : state == 0 ? "FAILED" : "unknown");
    print_safe(stdout, right);
  }
  fputs(": ", stdout);
  print_safe(stdout, text);
  fputs("\n", stdout);
}

static void print_object(const struct finding_place *place, int state, const char *right, const char *text) {
  json_t *line = json_pack("{s:o, s:s, s:o, s:s}", "job", json_safe(place->job), "kind", place->kind, "type",
                           json_safe(place->type), "state", state_name(state));
  if (line && place->name)
    json_object_set_new(line, "name", json_safe(place->name));
  if (line && right)
    json_object_set_new(line, "what", json_safe(right));
  if (line)
    json_object_set_new(line, "text", json_safe(text));
  print_json(stdout, line, false);
}

void finding_print(bool json, const struct finding_place *place, int state, const char *right, const char *text) {
  struct text masked = {0};
  bool known = text_add(&masked, text) == SLUICE_OK && masked.data;
  if (known)
    log_redact(masked.data);
  const char *shown = known ? masked.data : "(too long)";
  if (json)
    print_object(place, state, right, shown);
  else
    print_line(place, state, right, shown);
  text_finish(&masked);
}

static int add(struct sluice_findings *out, int state, const char *what, const char *text, struct sluice_error *err) {
  struct findings *findings = out->private_data;
  findings->count++;
  findings->bad += state == FINDING_BAD;
  finding_print(findings->json, findings->place, state, what ? what : "", text ? text : "");
  fflush(stdout); /* the next one may take its time */
  if (stop_at(findings->stop, STOP_DRAIN))
    return sluice_fail(err, SLUICE_ERR_CANCELLED, NULL, "interrupted");
  return SLUICE_OK;
}

int findings_report(struct findings *findings, const struct sluice_check *check, void *self, struct sluice_error *err) {
  findings->out = (struct sluice_findings){add, findings};
  int code = check->report(self, &findings->out, err);
  return code == SLUICE_OK && findings->bad ? SLUICE_ERR_DATA : code;
}
