/* Reading requests, which may be anything. */
#include "core/serve/request.h"
#include "core/serve/lines.h"

const char *request_name(enum request_kind kind) {
  static const char *const names[REQUEST_KINDS] = {"status",  "pause",  "resume", "cancel",
                                                   "run-now", "delete", "reload", "stop"};
  return names[kind];
}

static bool find_kind(const char *name, enum request_kind *out) {
  for (int i = 0; i < REQUEST_KINDS; i++)
    if (strcmp(request_name((enum request_kind)i), name) == 0) {
      *out = (enum request_kind)i;
      return true;
    }
  return false;
}

static int parse(const json_t *object, struct request *out, struct sluice_error *err) {
  const char *name = json_string_value(json_object_get(object, "do"));
  const json_t *job = json_object_get(object, "job");
  const char *job_name = job ? json_string_value(job) : "";
  struct request request = {.kind = REQUEST_STATUS};
  if (!name || !find_kind(name, &request.kind))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "do", "no such command: '%.40s'", name ? name : "");
  if (!job_name || strlen(job_name) >= sizeof request.job || json_string_length(job) != strlen(job_name))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "job", "the name of the job is none");
  if (request.kind == REQUEST_DELETE && !job_name[0])
    return sluice_fail(err, SLUICE_ERR_CONFIG, "job", "delete needs the name of a job");
  snprintf(request.job, sizeof request.job, "%s", job_name);
  *out = request;
  return SLUICE_OK;
}

int request_parse(const char *line, struct request *out, struct sluice_error *err) {
  json_t *object = lines_parse(line);
  int code = object ? parse(object, out, err)
                    : sluice_fail(err, SLUICE_ERR_CONFIG, "request", "a request is one JSON object a line");
  json_decref(object);
  return code;
}
