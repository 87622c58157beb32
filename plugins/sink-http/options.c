/* The option table of the HTTP sink, and the checks between options. */
#include "options.h"
#include <ctype.h>
#include <stdbool.h>
#include <strings.h>

#define KIB INT64_C(1024)
#define HOUR INT64_C(3600000)
#define TUNING SLUICE_OPTION_TUNING
#define OPTION(field, kind, ...) SLUICE_OPTION(struct http_options, field, SLUICE_OPTION_##kind, __VA_ARGS__)

static const char *const methods[] = {"POST", "PUT", "PATCH", NULL};
static const char *const bodies[] = {"ndjson", "json", "record", NULL};
static const char *const delete_methods[] = {"POST", "PUT", "PATCH", "DELETE", NULL};
static const char *const nans[] = {"null", "string", NULL};
static const char *const deletes[] = {"refuse", "send", NULL};

#define OPERATION_URL                                                                                                  \
  SLUICE_OPTION(struct http_operation, url, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED,                       \
                .help = "Where these records are sent; {stream} is the stream, {column} a value of the record.")
#define OPERATION_METHOD(text, list)                                                                                   \
  SLUICE_OPTION(struct http_operation, method, SLUICE_OPTION_CHOICE, .default_text = (text), .choices = (list),        \
                .help = "The HTTP method of these requests.")
static const struct sluice_option insert_items[] = {OPERATION_URL, OPERATION_METHOD("POST", methods)};
static const struct sluice_option update_items[] = {OPERATION_URL, OPERATION_METHOD("PATCH", methods)};
static const struct sluice_option delete_items[] = {OPERATION_URL, OPERATION_METHOD("DELETE", delete_methods)};
static const struct sluice_options insert_table = SLUICE_OPTIONS(struct http_operation, insert_items);
static const struct sluice_options update_table = SLUICE_OPTIONS(struct http_operation, update_items);
static const struct sluice_options delete_table = SLUICE_OPTIONS(struct http_operation, delete_items);
static const struct sluice_option operation_items[] = {
    SLUICE_OPTION(struct http_operations, insert, SLUICE_OPTION_GROUP, .group = &insert_table,
                  .help = "Requests of new records."),
    SLUICE_OPTION(struct http_operations, update, SLUICE_OPTION_GROUP, .group = &update_table,
                  .help = "Requests of changed records."),
    SLUICE_OPTION(struct http_operations, delete, SLUICE_OPTION_GROUP, .group = &delete_table,
                  .help = "Requests of deleted records."),
};
static const struct sluice_options operation_table = SLUICE_OPTIONS(struct http_operations, operation_items);

static const struct sluice_option items[] = {
    OPTION(url, TEXT, .help = "Where records are sent, http:// or https://; {stream} is the stream, {column} a value."),
    OPTION(method, CHOICE, .default_text = "POST", .choices = methods, .help = "The HTTP method of each request."),
    OPTION(body, CHOICE, .default_text = "ndjson", .choices = bodies,
           .help = "A request is JSON lines, one JSON array, or one record as a JSON object."),
    OPTION(batch_rows, INT, .default_text = "1000", .min = 1, .max = 1000000, .help = "Most records of a request."),
    OPTION(batch_bytes, SIZE, .default_text = "1MiB", .min = 1, .max = 256 * KIB * KIB,
           .help = "Most bytes of a request before compression; a larger record goes alone."),
    OPTION(in_flight, INT, .flags = TUNING, .default_text = "8", .min = 1, .max = 256,
           .help = "Requests that a writer keeps under way at once; 1 keeps the order of records."),
    OPTION(gzip, BOOL, .default_text = "false", .help = "Compress requests (Content-Encoding: gzip)."),
    OPTION(headers, MAP, .flags = SLUICE_OPTION_SENSITIVE, .help = "Further request headers."),
    OPTION(bearer, SECRET, .help = "A token, sent as Authorization: Bearer."),
    OPTION(username, TEXT, .flags = TUNING, .help = "The user of basic authentication."),
    OPTION(password, SECRET, .help = "The password of basic authentication."),
    OPTION(timeout, DURATION, .flags = TUNING, .default_text = "60s", .min = 1, .max = 24 * HOUR,
           .help = "Longest time for one request and its whole answer."),
    OPTION(connect_timeout, DURATION, .flags = TUNING, .default_text = "10s", .min = 1, .max = HOUR,
           .help = "Longest time to connect."),
    OPTION(max_attempts, INT, .flags = TUNING, .default_text = "8", .min = 1, .max = 1000,
           .help = "Attempts for one request before the job is told to wait."),
    OPTION(retry_for, DURATION, .flags = TUNING, .default_text = "5m", .min = 1, .max = 24 * HOUR,
           .help = "Longest time of all attempts for one request."),
    OPTION(idempotency_header, TEXT, .default_text = "Idempotency-Key",
           .help = "The header with the key that is the same whenever the same records are sent."),
    OPTION(ca_file, TEXT, .flags = TUNING, .help = "Certificates to trust instead of the system's, a PEM file."),
    OPTION(operations, GROUP, .group = &operation_table,
           .help = "Method and URL for inserts, updates and deletes, where they are not `method` and `url`."),
    OPTION(delete, CHOICE, .default_text = "refuse", .choices = deletes,
           .help = "Deletes without operations.delete: refuse them, or send them to url as other records."),
    OPTION(key, LIST, .help = "Columns that tell records apart: requests wait for others only where these are equal."),
    OPTION(begin_url, TEXT, .help = "Full refresh: told before the first record of a generation."),
    OPTION(commit_url, TEXT,
           .help = "Full refresh: told that a generation is complete and shall take the old one's place."),
    OPTION(abort_url, TEXT, .help = "Full refresh: told that a generation is abandoned."),
    OPTION(current_url, TEXT, .help = "Full refresh: asked (GET) which generation was committed last."),
    OPTION(nan, CHOICE, .default_text = "null", .choices = nans, .help = "How NaN and infinities are written."),
    OPTION(user_agent, TEXT, .flags = TUNING, .default_text = "sluice", .help = "The User-Agent header."),
};
const struct sluice_options http_options = SLUICE_OPTIONS(struct http_options, items);

static bool is_token(const char *text) {
  if (!*text)
    return false;
  for (; *text; text++)
    if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-.^_`|~", *text))
      return false;
  return true;
}

static bool is_one_line(const char *text) {
  for (; *text; text++)
    if ((unsigned char)*text < ' ' && *text != '\t')
      return false;
  return true;
}

static int check_header(const struct http_options *options, const struct sluice_pair *header,
                        struct sluice_error *err) {
  static const char *const ours[] = {
      "Content-Length", "Transfer-Encoding", "Content-Encoding", "Connection",        "Expect",
      "Host",           "User-Agent",        "Sluice-Operation", "Sluice-Generation", NULL};
  if (!is_token(header->name) || !is_one_line(header->value))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "headers", "header \"%s\" is not a header name with a value of one line",
                       header->name);
  for (size_t i = 0; ours[i]; i++)
    if (strcasecmp(header->name, ours[i]) == 0)
      return sluice_fail(err, SLUICE_ERR_CONFIG, "headers", "header \"%s\" is set by the sink itself; leave it out",
                         header->name);
  if (strcasecmp(header->name, options->idempotency_header) == 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "headers", "header \"%s\" carries the idempotency key; leave it out",
                       header->name);
  if (strcasecmp(header->name, "Authorization") == 0 && (options->bearer.handle || options->username))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "headers",
                       "an Authorization header and bearer or username are set; keep one of them");
  return SLUICE_OK;
}

static int check_places(const struct http_options *options, struct sluice_error *err) {
  if (!options->url && !options->operations)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "url", "there is no url; set it, or operations");
  if (!options->url && options->delete == HTTP_DELETE_SEND)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "delete", "deletes shall be sent, and there is no url; set it");
  const char *half = options->begin_url ? "commit_url" : "begin_url";
  if (!options->begin_url != !options->commit_url ||
      (!options->begin_url && (options->abort_url || options->current_url)))
    return sluice_fail(err, SLUICE_ERR_CONFIG, half,
                       "begin_url and commit_url go together; set both, or none of the four");
  return SLUICE_OK;
}

int http_options_check(const struct http_options *options, struct sluice_error *err) {
  if (options->bearer.handle && options->username)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "bearer", "bearer and username are both set; keep one of them");
  if (options->password.handle && !options->username)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "password", "password is set without username");
  if (options->username && strchr(options->username, ':'))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "username", "a user of basic authentication cannot contain a colon");
  if (!is_token(options->idempotency_header) || strlen(options->idempotency_header) > 128)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "idempotency_header", "\"%s\" is not a header name",
                       options->idempotency_header);
  if (!is_one_line(options->user_agent))
    return sluice_fail(err, SLUICE_ERR_CONFIG, "user_agent", "the text has a control character");
  int status = check_places(options, err);
  for (size_t i = 0; i < options->headers.count && status == SLUICE_OK; i++)
    status = check_header(options, &options->headers.items[i], err);
  return status;
}
