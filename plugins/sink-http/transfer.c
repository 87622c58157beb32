/* Sets up libcurl: own buffers without copies, connections kept, nothing followed, certificates checked. */
#include "transfer.h"
#include "retry.h"

static size_t keep_start(char *data, size_t size, size_t n, void *context) {
  struct answer *answer = context;
  size_t bytes = size * n, room = sizeof answer->text - answer->size;
  size_t kept = bytes < room ? bytes : room;
  memcpy(answer->text + answer->size, data, kept);
  answer->size += kept;
  return bytes;
}

static int set_tls(CURL *easy, const struct http_options *options) {
  int bad = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) != CURLE_OK;
  if (options->ca_file) {
    bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) != CURLE_OK;
  }
  return bad;
}

static int set_connection(CURL *easy, const struct http_options *options) {
  int bad = curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) != CURLE_OK; /* a cancel does not wait for a name server */
  bad |= curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_USERAGENT, options->user_agent) != CURLE_OK;
  return bad;
}

static int set_answer(struct transfer *transfer) {
  CURL *easy = transfer->easy;
  int bad = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_start) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer->answer) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->problem) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) != CURLE_OK;
  return bad;
}

int transfer_init(struct transfer *transfer, const struct target *target, struct sluice_error *err) {
  memset(transfer, 0, sizeof *transfer);
  transfer->easy = curl_easy_init();
  if (!transfer->easy)
    return sluice_fail(err, SLUICE_ERR_MEMORY, target->name, "no memory for a connection");
  int bad = set_connection(transfer->easy, target->options);
  bad |= set_tls(transfer->easy, target->options);
  bad |= set_answer(transfer);
  if (!bad)
    return SLUICE_OK;
  transfer_finish(transfer);
  return sluice_fail(err, SLUICE_ERR_CONFIG, target->name, "libcurl refuses an option; is it older than 7.87?");
}

void transfer_finish(struct transfer *transfer) {
  curl_easy_cleanup(transfer->easy);
  explicit_bzero(transfer, sizeof *transfer);
}

static int set_basic(struct transfer *transfer, const struct target *target, struct sluice_error *err) {
  char password[TARGET_SECRET_SIZE] = "";
  int status = SLUICE_OK;
  if (target->options->password.handle)
    status = target_secret(target, target->options->password, "password", password, err);
  if (status == SLUICE_OK &&
      (curl_easy_setopt(transfer->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) != CURLE_OK ||
       curl_easy_setopt(transfer->easy, CURLOPT_USERNAME, target->options->username) != CURLE_OK ||
       curl_easy_setopt(transfer->easy, CURLOPT_PASSWORD, password) != CURLE_OK))
    status = sluice_fail(err, SLUICE_ERR_MEMORY, target->name, "no memory");
  explicit_bzero(password, sizeof password);
  return status;
}

static int set_bearer(struct transfer *transfer, const struct target *target, struct sluice_error *err) {
  char token[TARGET_SECRET_SIZE];
  int status = target_secret(target, target->options->bearer, "bearer", token, err);
  if (status != SLUICE_OK)
    return status;
  snprintf(transfer->authorization_text, sizeof transfer->authorization_text, "Authorization: Bearer %s", token);
  explicit_bzero(token, sizeof token);
  return SLUICE_OK;
}

void transfer_line(struct transfer *transfer, const char *text) {
  struct curl_slist *line = &transfer->line[transfer->lines++];
  *line = (struct curl_slist){(char *)text, transfer->headers}; /* libcurl only reads it */
  transfer->headers = line;
}

int transfer_headers(struct transfer *transfer, const struct target *target, struct curl_slist *base,
                     struct sluice_error *err) {
  const struct http_options *options = target->options;
  int status = SLUICE_OK;
  transfer->lines = 0;
  transfer->headers = base;
  if (options->username)
    status = set_basic(transfer, target, err);
  if (!options->bearer.handle)
    return status;
  status = set_bearer(transfer, target, err);
  transfer_line(transfer, transfer->authorization_text);
  return status;
}

static int set_body(CURL *easy, const void *data, size_t size) {
  if (!data)
    return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) != CURLE_OK;
  int bad = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, data) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_POST, 1L) != CURLE_OK; /* the request before may have had none */
  return bad;
}

int transfer_point(struct transfer *transfer, const struct endpoint *place, const char *url, const void *data,
                   size_t size, struct sluice_error *err) {
  CURL *easy = transfer->easy;
  int bad = curl_easy_setopt(easy, CURLOPT_URL, url) != CURLE_OK;
  bad |= set_body(easy, data, size);
  bad |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, place->method) != CURLE_OK;
  bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers) != CURLE_OK;
  memset(&transfer->answer, 0, sizeof transfer->answer);
  transfer->problem[0] = 0;
  return bad ? sluice_fail(err, SLUICE_ERR_MEMORY, place->name, "no memory for a request") : SLUICE_OK;
}

/* Header lines that tell what these records are. */
static void add_lines(struct transfer *transfer, const struct target *target, int64_t generation,
                      const struct request *request) {
  static const char *const operations[] = {"insert", "update", "delete"};
  char key[REQUEST_KEY_SIZE];
  request_key(request, generation, key);
  if (key[0]) {
    snprintf(transfer->key_text, sizeof transfer->key_text, "%s: %s", target->options->idempotency_header, key);
    transfer_line(transfer, transfer->key_text);
  }
  if (request->operation >= 0) {
    snprintf(transfer->operation_text, sizeof transfer->operation_text, "Sluice-Operation: %s",
             operations[request->operation]);
    transfer_line(transfer, transfer->operation_text);
  }
  if (generation > 0) {
    snprintf(transfer->generation_text, sizeof transfer->generation_text, "Sluice-Generation: %lld",
             (long long)generation);
    transfer_line(transfer, transfer->generation_text);
  }
}

int transfer_begin(struct transfer *transfer, const struct target *target, int64_t generation, struct request *request,
                   struct sluice_error *err) {
  bool bare = !request_has_body(request);
  int status = transfer_headers(transfer, target, bare ? target->bare_headers : target->headers, err);
  if (status != SLUICE_OK)
    return status;
  add_lines(transfer, target, generation, request);
  size_t size = 0;
  const uint8_t *data = body_data(&request->body, (enum http_body)target->options->body, &size);
  if (target->options->gzip) {
    data = request->packed.data;
    size = request->packed.size;
  }
  const char *url = request->url.size > 0 ? (const char *)request->url.data : request->place->url.text;
  status = transfer_point(transfer, request->place, url, bare ? NULL : data, size, err);
  if (status != SLUICE_OK)
    return status;
  transfer->deadline = retry_now_ms() + target->options->timeout;
  transfer->request = request;
  request->running = true;
  return SLUICE_OK;
}

static void copy_header(CURL *easy, const char *name, char *out, size_t size) {
  struct curl_header *header = NULL;
  if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
    snprintf(out, size, "%s", header->value);
}

void transfer_end(struct transfer *transfer) {
  struct answer *answer = &transfer->answer;
  curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer->status);
  copy_header(transfer->easy, "Retry-After", answer->retry_after, sizeof answer->retry_after);
  copy_header(transfer->easy, "Location", answer->location, sizeof answer->location);
  explicit_bzero(transfer->authorization_text, sizeof transfer->authorization_text);
  if (transfer->request)
    transfer->request->running = false;
  transfer->request = NULL;
}
