/* The options of the HTTP sink as the host binds them. */
#ifndef SINK_HTTP_OPTIONS_H
#define SINK_HTTP_OPTIONS_H
#include <sluice/sdk.h>

enum http_method { HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE };
enum http_body { HTTP_NDJSON, HTTP_JSON, HTTP_RECORD };
enum http_nan { HTTP_NAN_NULL, HTTP_NAN_STRING };
enum http_delete { HTTP_DELETE_REFUSE, HTTP_DELETE_SEND };

struct http_operation {
  const char *url;
  int32_t method;
};
struct http_operations { /* each may be NULL */
  const struct http_operation *insert, *update, *delete;
};

struct http_options {
  const char *url, *username, *idempotency_header, *ca_file, *user_agent;
  const char *begin_url, *commit_url, *abort_url, *current_url;
  const struct http_operations *operations;
  int32_t method, body, gzip, nan, delete;
  int64_t batch_rows, batch_bytes, in_flight, max_attempts;
  int64_t timeout, connect_timeout, retry_for;
  struct sluice_map headers;
  struct sluice_list key;
  struct sluice_secret bearer, password;
};
extern const struct sluice_options http_options;

/* What the table cannot say: which options go together. CONFIG, with the option in err->where. */
int http_options_check(const struct http_options *, struct sluice_error *err);

#endif
