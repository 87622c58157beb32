/* begin, commit, abort and current of a generation, each one request. */
#include "generation.h"
#include "call.h"
#include <jansson.h>
#include <stdlib.h>

/* HTTP servers keep no positions: the ledger's count. */
static int committed(void *self, const char *delivery, const char *unit, struct sluice_position *out,
                     struct sluice_error *err) {
  (void)self, (void)delivery, (void)unit, (void)out, (void)err;
  return SLUICE_END;
}

static int forget(void *self, const char *delivery, const char *unit, struct sluice_error *err) {
  (void)self, (void)delivery, (void)unit, (void)err;
  return SLUICE_OK;
}

struct value {
  const struct endpoint *place;
  const char *delivery;
  int64_t generation;
};

/* JOB/SINK/STREAM: the stream's name has no "/". */
static const char *stream_of(const char *delivery) {
  const char *slash = strrchr(delivery, '/');
  return slash ? slash + 1 : delivery;
}

static int put_value(void *context, size_t i, struct sluice_buffer *out) {
  const struct value *value = context;
  char number[24];
  if (strcmp(value->place->url.names[i], "delivery") == 0)
    return url_put_encoded(out, value->delivery, strlen(value->delivery));
  if (strcmp(value->place->url.names[i], URL_STREAM) == 0)
    return url_put_encoded(out, stream_of(value->delivery), strlen(stream_of(value->delivery)));
  snprintf(number, sizeof number, "%lld", (long long)value->generation);
  return url_put_encoded(out, number, strlen(number));
}

static char *make_json(const struct value *value) {
  json_t *object = json_pack("{s:s, s:I}", "delivery", value->delivery, "generation", (json_int_t)value->generation);
  char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
  json_decref(object);
  return text;
}

static int ask(const struct target *target, const struct value *value, const char *json, struct answer *out,
               struct sluice_error *err) {
  struct sluice_buffer url = {.data = NULL};
  int status = url_template_fill(&value->place->url, put_value, (void *)value, &url);
  if (status == SLUICE_OK)
    status = call_place(target, value->place, (const char *)url.data, json, out, err);
  else
    sluice_fail(err, status, value->place->name, "no memory, or the name of the delivery is too long for a URL");
  sluice_buffer_free(&url);
  return status;
}

int generation_not_set(const struct target *target, enum target_step step, struct sluice_error *err) {
  return sluice_fail(
      err, SLUICE_ERR_UNSUPPORTED, target->name,
      step == TARGET_CURRENT
          ? "the server is not asked which generation it has; set current_url for that"
          : "a full refresh needs begin_url and commit_url of the http sink; set them, or choose append");
}

static int tell(const struct target *target, enum target_step step, const char *delivery, int64_t generation,
                struct sluice_error *err) {
  struct value value = {&target->steps[step], delivery, generation};
  struct answer answer;
  if (!value.place->url.text)
    return generation_not_set(target, step, err);
  char *json = make_json(&value);
  if (!json)
    return sluice_fail(err, SLUICE_ERR_MEMORY, value.place->name, "no memory");
  int status = ask(target, &value, json, &answer, err);
  free(json);
  return status;
}

static int begin(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  return tell(self, TARGET_BEGIN, delivery, generation, err);
}

static int commit(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  return tell(self, TARGET_COMMIT, delivery, generation, err);
}

/* Without abort_url the server is left with a generation that never was committed, which is nothing to anyone. */
static int abort_generation(void *self, const char *delivery, int64_t generation, struct sluice_error *err) {
  const struct target *target = self;
  if (target->steps[TARGET_BEGIN].url.text && !target->steps[TARGET_ABORT].url.text)
    return SLUICE_OK;
  return tell(target, TARGET_ABORT, delivery, generation, err);
}

static int read_generation(const struct endpoint *place, const struct answer *answer, int64_t *out,
                           struct sluice_error *err) {
  json_error_t where;
  json_t *object = json_loadb(answer->text, answer->size, JSON_REJECT_DUPLICATES, &where);
  json_t *number = json_object_get(object, "generation");
  bool ok = json_is_integer(number) && json_integer_value(number) >= 0;
  if (ok)
    *out = json_integer_value(number);
  json_decref(object);
  return ok ? SLUICE_OK
            : sluice_fail(err, SLUICE_ERR_CONFIG, place->name,
                          "the answer to current_url must be {\"generation\": N}, 0 where there is none yet");
}

static int current(void *self, const char *delivery, int64_t *generation, struct sluice_error *err) {
  const struct target *target = self;
  struct value value = {&target->steps[TARGET_CURRENT], delivery, 0};
  struct answer answer;
  if (!value.place->url.text)
    return generation_not_set(target, TARGET_CURRENT, err);
  int status = ask(target, &value, NULL, &answer, err);
  return status == SLUICE_OK ? read_generation(value.place, &answer, generation, err) : status;
}

const struct sluice_commit generation_power = {.struct_size = sizeof generation_power,
                                               .committed = committed,
                                               .forget = forget,
                                               .begin = begin,
                                               .commit = commit,
                                               .abort = abort_generation,
                                               .current = current};
