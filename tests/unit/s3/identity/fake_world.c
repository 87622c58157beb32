/* A world of a test's own. */
#include "fake_world.h"
#include "identity/plan.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *copy_of(const char *text) {
  char *copy = strdup(text ? text : "");
  assert_non_null(copy);
  return copy;
}

/* ---- environment and files ---- */

static const char *variable(void *context, const char *name) {
  const struct fake_world *fake = context;
  for (size_t i = 0; i < fake->n_variables; i++)
    if (strcmp(fake->names[i], name) == 0)
      return fake->values[i][strspn(fake->values[i], " \t\r\n")] ? fake->values[i] : NULL;
  return NULL;
}

static struct fake_file *find(const struct fake_world *fake, const char *path) {
  for (size_t i = 0; i < fake->n_files; i++)
    if (strcmp(fake->files[i].path, path) == 0)
      return (struct fake_file *)&fake->files[i];
  return NULL;
}

const char *fake_read(const struct fake_world *fake, const char *path) {
  const struct fake_file *file = find(fake, path);
  return file ? file->bytes : NULL;
}

static int read_file(void *context, const char *path, struct text *out, struct sluice_error *err) {
  const struct fake_file *file = find(context, path);
  if (!file)
    return sluice_fail(err, SLUICE_ERR_NOT_FOUND, path, "%s does not exist", path);
  if (!file->bytes)
    return sluice_fail(err, SLUICE_ERR_DATA, path, "%s cannot be opened: Permission denied", path);
  text_puts(out, file->bytes);
  return SLUICE_OK;
}

static int write_file(void *context, const char *path, const char *bytes, size_t n, struct sluice_error *err) {
  struct fake_file *file = find(context, path);
  if (((struct fake_world *)context)->read_only)
    return sluice_fail(err, SLUICE_ERR_DATA, path, "%s cannot be written: Permission denied", path);
  if (!file) {
    fake_file(context, path, "");
    file = find(context, path);
  }
  free(file->bytes);
  file->bytes = strndup(bytes, n);
  assert_non_null(file->bytes);
  return SLUICE_OK;
}

/* ---- programs and services ---- */

static int run(void *context, char *const *argv, int64_t timeout_ms, struct program_end *out,
               struct sluice_error *err) {
  struct fake_world *fake = context;
  assert_int_equal(timeout_ms, 60000);
  assert_non_null(fake->run);
  return fake->run(fake->test, argv, out, err);
}

static void keep_request(struct fake_world *fake, const struct http_request *request) {
  struct text headers = {0};
  assert_true(fake->n_requests < FAKE_MAX);
  struct fake_request *kept = &fake->requests[fake->n_requests++];
  for (size_t i = 0; i < request->n_headers; i++) {
    const struct http_header *header = &request->headers[i];
    assert_null(strpbrk(header->value, "\r\n"));
    for (const char *c = header->name; *c; c++)
      text_printf(&headers, "%c", tolower((unsigned char)*c));
    text_printf(&headers, ": %s\n", header->value);
  }
  *kept = (struct fake_request){copy_of(request->method), copy_of(request->url), copy_of(text_get(&headers)),
                                request->body ? strndup(request->body, request->body_size) : copy_of("")};
  text_finish(&headers);
}

const char *fake_header(const struct fake_request *request, const char *name) {
  static char value[4096];
  size_t n = strlen(name);
  for (const char *line = request->headers; *line; line = strchr(line, '\n') + 1)
    if (strncmp(line, name, n) == 0 && line[n] == ':') {
      snprintf(value, sizeof value, "%.*s", (int)strcspn(line + n + 2, "\n"), line + n + 2);
      return value;
    }
  return NULL;
}

static int send(void *context, const struct http_request *request, struct http_answer *out, struct sluice_error *err) {
  struct fake_world *fake = context;
  struct fake_answer answer = {.status = 0};
  assert_true(request->connect_timeout_ms > 0 && request->timeout_ms > 0 && request->timeout_ms <= 30000);
  if (fake->cancelled)
    return sluice_fail(err, SLUICE_ERR_CANCELLED, "", "cancelled while getting credentials");
  keep_request(fake, request);
  int status = SLUICE_OK;
  if (fake->send)
    status = fake->send(fake->test, &fake->requests[fake->n_requests - 1], &answer);
  else if (fake->n_answers)
    answer = fake->answers[fake->n_requests <= fake->n_answers ? fake->n_requests - 1 : fake->n_answers - 1];
  if (status != SLUICE_OK || answer.status == 0)
    return sluice_fail(err, SLUICE_ERR_RETRY, "", "%.*s: connection refused", (int)strcspn(request->url, "?"),
                       request->url);
  out->status = answer.status;
  out->date = answer.date ? answer.date : -1;
  out->body.limit = HTTP_BODY_MAX;
  text_puts(&out->body, answer.body ? answer.body : "");
  return SLUICE_OK;
}

/* ---- time and log ---- */

static int64_t now(void *context) {
  return ((struct fake_world *)context)->clock;
}

static int pause_for(void *context, int64_t milliseconds, struct sluice_error *err) {
  struct fake_world *fake = context;
  if (fake->cancelled)
    return sluice_fail(err, SLUICE_ERR_CANCELLED, "", "cancelled while getting credentials");
  fake->pauses++;
  fake->paused_ms += milliseconds;
  assert_true(milliseconds >= 0 && milliseconds <= 20000);
  return SLUICE_OK;
}

static void write_log(void *context, int level, const char *line) {
  struct fake_world *fake = context;
  text_printf(&fake->log, "%d %s\n", level, line);
}

/* ---- life ---- */

void fake_init(struct fake_world *fake) {
  *fake = (struct fake_world){.clock = 1700000000};
  fake->world = (struct world){fake, variable, read_file, write_file, run, send, now, pause_for, write_log};
}

void fake_forget(struct fake_world *fake) {
  for (size_t i = 0; i < fake->n_requests; i++) {
    struct fake_request *request = &fake->requests[i];
    free(request->method);
    free(request->url);
    free(request->headers);
    free(request->body);
  }
  fake->n_requests = 0;
}

void fake_finish(struct fake_world *fake) {
  for (size_t i = 0; i < fake->n_variables; i++) {
    free(fake->names[i]);
    free(fake->values[i]);
  }
  for (size_t i = 0; i < fake->n_files; i++) {
    free(fake->files[i].path);
    free(fake->files[i].bytes);
  }
  fake_forget(fake);
  text_finish(&fake->log);
}

void fake_variable(struct fake_world *fake, const char *name, const char *value) {
  assert_true(fake->n_variables < FAKE_MAX);
  fake->names[fake->n_variables] = copy_of(name);
  fake->values[fake->n_variables++] = copy_of(value);
}

void fake_file(struct fake_world *fake, const char *path, const char *bytes) {
  struct fake_file *file = find(fake, path);
  assert_true(fake->n_files < FAKE_MAX);
  if (!file) {
    file = &fake->files[fake->n_files++];
    file->path = copy_of(path);
    file->bytes = NULL;
  }
  free(file->bytes);
  file->bytes = bytes ? copy_of(bytes) : NULL;
}

void fake_answers(struct fake_world *fake, const struct fake_answer *answers, size_t n) {
  fake->answers = answers;
  fake->n_answers = n;
}

/* ---- plans ---- */

void plan_put(char **text, const char *value) {
  free(*text);
  *text = copy_of(value);
}

static void role_init(struct plan_role *role) {
  plan_put(&role->arn, "");
  plan_put(&role->external_id, "");
  plan_put(&role->session_name, "");
  plan_put(&role->region, "");
}

static void plan_init(struct plan *plan) {
  *plan = (struct plan){.label = NULL};
  char **texts[] = {&plan->label,           &plan->pair.access_key_id,
                    &plan->pair.secret,     &plan->pair.token,
                    &plan->pair.account,    &plan->process.command,
                    &plan->process.account, &plan->sso.session,
                    &plan->sso.start_url,   &plan->sso.region,
                    &plan->sso.account,     &plan->sso.role,
                    &plan->web.token_file,  &plan->region,
                    &plan->sts_url,         &plan->sso_url,
                    &plan->oidc_url,        &plan->imds_url,
                    &plan->profile,         &plan->base_profile};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    plan_put(texts[i], "");
  role_init(&plan->web.role);
  for (size_t i = 0; i < PLAN_ROLES_MAX; i++)
    role_init(&plan->roles[i]);
  plan_put(&plan->region, "us-east-1");
  plan_put(&plan->profile, "selected"); /* with a source_profile */
  plan_put(&plan->base_profile, "default");
  plan_put(&plan->imds_url, "http://169.254.169.254");
  plan->imds_v1_disabled = true;
}

/* ---- scenes ---- */

void scene_begin(struct scene *scene, enum plan_base base) {
  memset(scene, 0, sizeof *scene);
  fake_init(&scene->fake);
  plan_init(&scene->plan);
  scene->plan.base = base;
  scene->fetcher = (struct fetcher){.world = &scene->fake.world, .plan = &scene->plan};
}

int scene_go(struct scene *scene, const struct fake_answer *answers, size_t n, const char *const *secrets) {
  credentials_unref(scene->got);
  scene->got = NULL;
  scene->err = (struct sluice_error){.message = ""};
  fake_forget(&scene->fake);
  fake_answers(&scene->fake, answers, n);
  int status = fetch(&scene->fetcher, &scene->got, &scene->err);
  assert_true((status == SLUICE_OK) == (scene->err.message[0] == 0));
  assert_true((status == SLUICE_OK) == (scene->got != NULL));
  assert_not_told(&scene->fake, &scene->err, secrets);
  return status;
}

void scene_end(struct scene *scene) {
  credentials_unref(scene->got);
  fetcher_finish(&scene->fetcher);
  plan_finish(&scene->plan);
  fake_finish(&scene->fake);
}

void assert_not_told(const struct fake_world *fake, const struct sluice_error *err, const char *const *secrets) {
  for (; *secrets; secrets++)
    if (strstr(text_get(&fake->log), *secrets) || strstr(err->message, *secrets) || strstr(err->where, *secrets))
      fail_msg("the secret \"%s\" is told: %s | %s", *secrets, err->message, text_get(&fake->log));
}

/* ---- files of the corpora ---- */

const char *corpora(void) {
  const char *path = getenv("SLUICE_CORPORA");
  return path && *path ? path : SLUICE_CORPORA_DIR;
}

char *read_whole(const char *path) {
  enum { SIZE_MAX_ = 4 << 20 };
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  char *data = calloc(1, SIZE_MAX_);
  assert_non_null(data);
  size_t n = fread(data, 1, SIZE_MAX_ - 1, file);
  fclose(file);
  data[n] = 0;
  return data;
}
