/* Makes the places and the constant headers. */
#include "target.h"
#include "stream_places.h"
#include <stdlib.h>
#include <strings.h>

static bool add_header(struct curl_slist **list, const char *name, const char *value) {
  size_t size = strlen(name) + strlen(value) + 3;
  char *line = malloc(size);
  if (!line)
    return false;
  if (*value)
    snprintf(line, size, "%s: %s", name, value);
  else
    snprintf(line, size, "%s;", name); /* libcurl's way to send a header without a value */
  struct curl_slist *longer = curl_slist_append(*list, line);
  free(line);
  if (longer)
    *list = longer;
  return longer != NULL;
}

static bool add_users_headers(const struct http_options *options, bool with_type, struct curl_slist **list) {
  *list = curl_slist_append(NULL, "Expect:"); /* no 100-continue: it costs a round trip */
  bool ok = *list != NULL;
  for (size_t i = 0; ok && i < options->headers.count; i++) {
    const struct sluice_pair *header = &options->headers.items[i];
    if (with_type || strcasecmp(header->name, "Content-Type") != 0)
      ok = add_header(list, header->name, header->value);
  }
  return ok;
}

static bool has_type(const struct http_options *options) {
  for (size_t i = 0; i < options->headers.count; i++)
    if (strcasecmp(options->headers.items[i].name, "Content-Type") == 0)
      return true;
  return false;
}

static int add_headers(struct target *target, struct sluice_error *err) {
  const struct http_options *options = target->options;
  const char *type = options->body == HTTP_NDJSON ? "application/x-ndjson" : "application/json";
  bool ok = add_users_headers(options, false, &target->bare_headers);
  ok = ok && add_users_headers(options, true, &target->headers);
  ok = ok && (has_type(options) || add_header(&target->headers, "Content-Type", type));
  ok = ok && (!options->gzip || add_header(&target->headers, "Content-Encoding", "gzip"));
  return ok ? SLUICE_OK : sluice_fail(err, SLUICE_ERR_MEMORY, "headers", "no memory");
}

/* ---- places ---- */

static int add_place(struct target *target, struct endpoint *out, const char *option, const char *url,
                     const char *method, struct sluice_error *err) {
  return url ? endpoint_init(out, target->host, target->options, option, url, method, err) : SLUICE_OK;
}

static int check_body(const struct target *target, const struct endpoint *place, struct sluice_error *err) {
  if (!place || !stream_places_need_record(place) || target->options->body == HTTP_RECORD)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_CONFIG, place->option,
                     "a URL with values of the record needs a request for each record; set body = \"record\"");
}

static int add_own(struct target *target, const struct http_operation *operation, int op, const char *option,
                   struct sluice_error *err) {
  if (!operation)
    return SLUICE_OK;
  target->records[op] = &target->own[op];
  return add_place(target, &target->own[op], option, operation->url,
                   endpoint_method((enum http_method)operation->method), err);
}

static int add_record_places(struct target *target, struct sluice_error *err) {
  static const struct http_operations none;
  const struct http_options *options = target->options;
  const struct http_operations *own = options->operations ? options->operations : &none;
  int status =
      add_place(target, &target->url, "url", options->url, endpoint_method((enum http_method)options->method), err);
  for (int op = SLUICE_OP_INSERT; options->url && op <= SLUICE_OP_DELETE; op++)
    if (op != SLUICE_OP_DELETE || options->delete == HTTP_DELETE_SEND)
      target->records[op] = &target->url;
  if (status == SLUICE_OK)
    status = add_own(target, own->insert, SLUICE_OP_INSERT, "operations.insert.url", err);
  if (status == SLUICE_OK)
    status = add_own(target, own->update, SLUICE_OP_UPDATE, "operations.update.url", err);
  if (status == SLUICE_OK)
    status = add_own(target, own->delete, SLUICE_OP_DELETE, "operations.delete.url", err);
  for (int op = SLUICE_OP_INSERT; status == SLUICE_OK && op <= SLUICE_OP_DELETE; op++)
    status = check_body(target, target->records[op], err);
  return status;
}

/* Only these values are known for a generation. */
static int check_step(const struct endpoint *step, struct sluice_error *err) {
  for (size_t i = 0; i < step->url.count; i++)
    if (strcmp(step->url.names[i], "generation") != 0 && strcmp(step->url.names[i], "delivery") != 0 &&
        strcmp(step->url.names[i], URL_STREAM) != 0)
      return sluice_fail(err, SLUICE_ERR_CONFIG, step->option,
                         "{%s} is no value here; {generation}, {delivery} and {stream} are", step->url.names[i]);
  return SLUICE_OK;
}

static int add_steps(struct target *target, struct sluice_error *err) {
  static const char *const names[] = {"begin_url", "commit_url", "abort_url", "current_url"};
  const struct http_options *options = target->options;
  const char *const urls[] = {options->begin_url, options->commit_url, options->abort_url, options->current_url};
  int status = SLUICE_OK;
  for (int i = 0; i < TARGET_STEPS && status == SLUICE_OK; i++) {
    status = add_place(target, &target->steps[i], names[i], urls[i], i == TARGET_CURRENT ? "GET" : "POST", err);
    if (status == SLUICE_OK)
      status = check_step(&target->steps[i], err);
  }
  return status;
}

static const char *first_name(const struct target *target) {
  if (target->url.name[0])
    return target->url.name;
  for (int op = SLUICE_OP_INSERT; op <= SLUICE_OP_DELETE; op++)
    if (target->records[op])
      return target->records[op]->name;
  return "";
}

int target_init(struct target *target, const struct sluice_host *host, const struct http_options *options,
                struct sluice_error *err) {
  memset(target, 0, sizeof *target);
  target->host = host;
  target->options = options;
  int status = http_options_check(options, err);
  if (status == SLUICE_OK)
    status = add_record_places(target, err);
  if (status == SLUICE_OK)
    status = add_steps(target, err);
  target->name = first_name(target);
  if (status == SLUICE_OK && !target->name[0])
    status = sluice_fail(err, SLUICE_ERR_CONFIG, "operations", "no operation has a url; set one, or the sink's url");
  if (status == SLUICE_OK)
    status = add_headers(target, err);
  if (status != SLUICE_OK)
    target_finish(target);
  return status;
}

void target_finish(struct target *target) {
  endpoint_finish(&target->url);
  for (int i = 0; i < 3; i++)
    endpoint_finish(&target->own[i]);
  for (int i = 0; i < TARGET_STEPS; i++)
    endpoint_finish(&target->steps[i]);
  curl_slist_free_all(target->headers);
  curl_slist_free_all(target->bare_headers);
  target->headers = target->bare_headers = NULL;
}

int target_refuses(const struct target *target, int op, struct sluice_error *err) {
  if (op == SLUICE_OP_DELETE)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, target->name,
                       "a record is to be deleted, and this sink is not told how; set operations.delete, or delete = "
                       "\"send\" to send it to url with the header Sluice-Operation: delete");
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, target->name,
                     "a record is to be %s, and there is no place for it; set operations.%s, or url",
                     op == SLUICE_OP_UPDATE ? "updated" : "inserted", op == SLUICE_OP_UPDATE ? "update" : "insert");
}

/* ---- secrets ---- */

static void star_out(char *text, const char *hidden) {
  size_t n = strlen(hidden);
  if (n < 4)
    return; /* too short to be a secret; starring it would garble the message */
  for (char *found = strstr(text, hidden); found; found = strstr(found + n, hidden))
    memset(found, '*', n);
}

static void mask_secret(const struct target *target, struct sluice_secret secret, char *text) {
  char value[TARGET_SECRET_SIZE];
  if (secret.handle && target_secret(target, secret, "", value, NULL) == SLUICE_OK)
    star_out(text, value);
  explicit_bzero(value, sizeof value);
}

/* Basic authentication sends both as one text in base64, which a server may echo. */
static void mask_basic(const struct target *target, char *text) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char value[TARGET_SECRET_SIZE], pair[2 * TARGET_SECRET_SIZE], coded[4 * TARGET_SECRET_SIZE];
  const struct http_options *options = target->options;
  if (!options->password.handle || target_secret(target, options->password, "", value, NULL) != SLUICE_OK)
    return;
  snprintf(pair, sizeof pair, "%.1024s:%s", options->username ? options->username : "", value);
  size_t n = strlen(pair), out = 0;
  for (size_t i = 0; i + 2 < n; i += 3) { /* whole groups are enough to hide what matters */
    uint32_t group = (uint32_t)(uint8_t)pair[i] << 16 | (uint32_t)(uint8_t)pair[i + 1] << 8 | (uint8_t)pair[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6)
      coded[out++] = digits[group >> shift & 63];
  }
  coded[out] = 0;
  star_out(text, coded);
  explicit_bzero(value, sizeof value);
  explicit_bzero(pair, sizeof pair);
  explicit_bzero(coded, sizeof coded);
}

/* What stands behind the ? of a URL may be a key. */
static void mask_query(const struct endpoint *place, char *text) {
  const struct url_template *url = &place->url;
  bool query = false;
  for (size_t i = 0; url->text && i <= url->count; i++) {
    const char *literal = url->literals[i], *mark = query ? NULL : strchr(literal, '?');
    if (query || mark)
      star_out(text, mark ? mark + 1 : literal);
    query = query || mark;
  }
}

void target_mask(const struct target *target, char *text) {
  const struct http_options *options = target->options;
  mask_basic(target, text);
  mask_query(&target->url, text);
  for (int i = 0; i < 3; i++)
    mask_query(&target->own[i], text);
  for (int i = 0; i < TARGET_STEPS; i++)
    mask_query(&target->steps[i], text);
  mask_secret(target, options->bearer, text);
  mask_secret(target, options->password, text);
  for (size_t i = 0; i < options->headers.count; i++)
    star_out(text, options->headers.items[i].value);
}

int target_secret(const struct target *target, struct sluice_secret secret, const char *option,
                  char out[TARGET_SECRET_SIZE], struct sluice_error *err) {
  int status = target->host->secret(target->host, secret, out, TARGET_SECRET_SIZE, err);
  if (status != SLUICE_OK)
    return status;
  size_t n = strlen(out);
  while (n > 0 && strchr("\r\n", out[n - 1])) /* a file usually ends with a line break */
    out[--n] = 0;
  if (n > 0 && !strpbrk(out, "\r\n"))
    return SLUICE_OK;
  explicit_bzero(out, TARGET_SECRET_SIZE);
  return sluice_fail(err, SLUICE_ERR_CONFIG, option, "the secret is empty or has several lines");
}
