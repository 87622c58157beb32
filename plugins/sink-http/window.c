/* Drives libcurl's multi interface inside the writer's calls. */
#include "window.h"
#include "outcome.h"
#include "retry.h"
#include <stdlib.h>

/* A pause between two steps longer than this is the host's own (it read, or slept): no request may time out for it. */
enum { OWN_PAUSE_MS = 500, LONGEST_POLL_MS = 1000 };

void window_fail(struct window *window, int code, const struct sluice_error *error) {
  if (window->failure != SLUICE_OK && window->failure != SLUICE_ERR_RETRY)
    return;
  window->failure = code;
  window->error = *error;
}

static int open_slots(struct window *window, struct sluice_error *err) {
  size_t wanted = (size_t)window->target->options->in_flight;
  window->transfers = calloc(wanted, sizeof *window->transfers);
  window->multi = curl_multi_init();
  if (!window->transfers || !window->multi)
    return sluice_fail(err, SLUICE_ERR_MEMORY, window->target->name, "no memory for %zu connections", wanted);
  curl_multi_setopt(window->multi, CURLMOPT_MAXCONNECTS, (long)wanted);
  int status = SLUICE_OK;
  while (window->slots < wanted && status == SLUICE_OK) {
    status = transfer_init(&window->transfers[window->slots], window->target, err);
    window->slots += status == SLUICE_OK;
  }
  return status;
}

int window_init(struct window *window, const struct target *target, const struct sluice_stream *stream,
                struct sluice_error *err) {
  memset(window, 0, sizeof *window);
  window->target = target;
  window->rejects = stream->rejects;
  window->generation = SLUICE_HAS(stream, generation) ? stream->generation : 0;
  window->written = -1;
  window->random = retry_seed();
  window->stepped = retry_now_ms();
  int status = stream_places_init(&window->places, target, stream->name ? stream->name : "main", err);
  if (status == SLUICE_OK)
    status = open_slots(window, err);
  if (status == SLUICE_OK && target->options->gzip) {
    window->zip_open = deflateInit2(&window->zip, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    if (!window->zip_open)
      status = sluice_fail(err, SLUICE_ERR_MEMORY, target->name, "no memory for compression");
  }
  if (status != SLUICE_OK)
    window_finish(window);
  return status;
}

static void destroy_list(struct request *request) {
  while (request) {
    struct request *next = request->next;
    request_destroy(request);
    request = next;
  }
}

void window_finish(struct window *window) {
  for (size_t i = 0; i < window->slots; i++) {
    if (window->transfers[i].request)
      curl_multi_remove_handle(window->multi, window->transfers[i].easy);
    transfer_finish(&window->transfers[i]);
  }
  free(window->transfers);
  curl_multi_cleanup(window->multi);
  destroy_list(window->head);
  destroy_list(window->spare);
  stream_places_finish(&window->places);
  if (window->zip_open)
    deflateEnd(&window->zip);
  memset(window, 0, sizeof *window);
}

int window_take(struct window *window, const struct batch_mark *mark, int operation, struct request **out) {
  struct request *request = window->spare;
  if (request)
    window->spare = request->next;
  else
    request = calloc(1, sizeof *request);
  if (!request)
    return SLUICE_ERR_MEMORY;
  request->next = NULL;
  request->mark = *mark;
  request->attempts = request->first_try = request->not_before = 0;
  request->packed.size = request->url.size = 0;
  request->operation = operation;
  request->place = window->places.records[operation >= 0 ? operation : SLUICE_OP_INSERT];
  request->clear = request->tried = false;
  request->looked = UINT64_MAX;
  keyset_clear(&request->keys);
  int status = body_start(&request->body);
  if (status != SLUICE_OK) {
    request_destroy(request);
    return status;
  }
  *out = request;
  return SLUICE_OK;
}

void window_recycle(struct window *window, struct request *request) {
  size_t usual = 2 * (size_t)window->target->options->batch_bytes + 4096;
  if (request->body.bytes.capacity > usual || request->packed.capacity > usual) {
    request_destroy(request);
    return;
  }
  request->next = window->spare;
  window->spare = request;
}

void window_remove(struct window *window, struct request *request) {
  struct request **link = &window->head;
  while (*link != request)
    link = &(*link)->next;
  *link = request->next;
  window->count--;
  window->removals++;
  window_recycle(window, request);
}

/* ---- starting ---- */

static struct transfer *free_transfer(struct window *window) {
  for (size_t i = 0; i < window->slots; i++)
    if (!window->transfers[i].request)
      return &window->transfers[i];
  return NULL;
}

static bool start(struct window *window, struct request *request, struct transfer *transfer, int64_t now) {
  struct sluice_error error = {0};
  const struct http_options *options = window->target->options;
  int status = SLUICE_OK;
  if (options->gzip && request->packed.size == 0) {
    status = request_pack(request, (enum http_body)options->body, &window->zip);
    if (status != SLUICE_OK)
      sluice_fail(&error, status, window->target->name, "no memory to compress a request");
  }
  if (status == SLUICE_OK)
    status = transfer_begin(transfer, window->target, window->generation, request, &error);
  if (status == SLUICE_OK && curl_multi_add_handle(window->multi, transfer->easy) != CURLM_OK) {
    transfer_end(transfer);
    status = sluice_fail(&error, SLUICE_ERR_MEMORY, window->target->name, "libcurl cannot start a request");
  }
  if (status != SLUICE_OK) {
    window_fail(window, status, &error);
    return false;
  }
  sluice_count(window->target->requests, 1);
  sluice_count(window->target->retries, request->tried);
  request->tried = true;
  request->attempts++;
  if (request->first_try == 0)
    request->first_try = now;
  return true;
}

static bool may_start(const struct window *window, int64_t now) {
  return now >= window->pause_until && (window->failure == SLUICE_OK || window->failure == SLUICE_ERR_RETRY);
}

/* Two requests of which the later one must wait for the earlier one. */
static bool in_order(const struct window *window, const struct request *a, const struct request *b) {
  if (window->target->options->key.count > 0)
    return keyset_meets(&a->keys, &b->keys);
  return a->operation >= 0 || b->operation >= 0;
}

/* What is before a request only gets less, so it is looked at again only when something went, and never once clear. */
static bool is_clear(const struct window *window, struct request *request) {
  if (window->slots == 1) /* one at a time means in order: none overtakes a request that waits for its next attempt */
    return request == window->head;
  if (request->clear || request->looked == window->removals)
    return request->clear;
  request->looked = window->removals;
  for (const struct request *other = window->head; other != request; other = other->next)
    if (in_order(window, other, request))
      return false;
  request->clear = true;
  return true;
}

static void start_ready(struct window *window, int64_t now) {
  bool going = may_start(window, now);
  for (struct request *request = window->head; request && going; request = request->next) {
    if (request->running || request->not_before > now || !is_clear(window, request))
      continue;
    struct transfer *transfer = free_transfer(window);
    going = transfer && start(window, request, transfer, now);
  }
}

void window_put(struct window *window, struct request *request) {
  if (request->body.records == 0) {
    window_recycle(window, request); /* each of its rows was rejected */
    return;
  }
  body_seal(&request->body, (enum http_body)window->target->options->body);
  struct request **link = &window->head;
  while (*link)
    link = &(*link)->next;
  *link = request;
  window->count++;
  window_step(window);
}

/* ---- answers ---- */

static void settle(struct window *window, struct transfer *transfer, CURLcode code) {
  struct request *request = transfer->request;
  curl_multi_remove_handle(window->multi, transfer->easy);
  transfer_end(transfer);
  outcome_apply(window, request, &transfer->answer, code, transfer->problem);
}

static void collect(struct window *window) {
  int left = 0;
  CURLMsg *message = curl_multi_info_read(window->multi, &left);
  while (message) {
    char *transfer = NULL;
    if (message->msg == CURLMSG_DONE) {
      CURLcode code = message->data.result; /* the message is gone once its handle is removed */
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      settle(window, (struct transfer *)(void *)transfer, code);
    }
    message = curl_multi_info_read(window->multi, &left);
  }
}

/* ---- time ---- */

static void expire(struct window *window, int64_t now) {
  for (size_t i = 0; i < window->slots; i++) {
    struct transfer *transfer = &window->transfers[i];
    if (!transfer->request || transfer->deadline > now)
      continue;
    snprintf(transfer->problem, sizeof transfer->problem, "no whole answer within %lld ms",
             (long long)window->target->options->timeout);
    settle(window, transfer, CURLE_OPERATION_TIMEDOUT);
  }
}

static void forgive_pause(struct window *window, int64_t now) {
  int64_t pause = now - window->stepped;
  if (pause > OWN_PAUSE_MS)
    for (size_t i = 0; i < window->slots; i++)
      window->transfers[i].deadline += pause;
}

void window_step(struct window *window) {
  int64_t now = retry_now_ms();
  int running = 0;
  forgive_pause(window, now);
  start_ready(window, now);
  curl_multi_perform(window->multi, &running);
  collect(window);
  expire(window, now);
  start_ready(window, now);
  window->stepped = retry_now_ms();
}

static int64_t sooner(int64_t wait, int64_t then, int64_t now) {
  int64_t left = then > now ? then - now : 0;
  return left < wait ? left : wait;
}

/* Milliseconds until something is due that no socket tells. */
static int next_event_ms(const struct window *window) {
  int64_t now = retry_now_ms(), wait = LONGEST_POLL_MS;
  for (size_t i = 0; i < window->slots; i++)
    if (window->transfers[i].request)
      wait = sooner(wait, window->transfers[i].deadline, now);
  for (const struct request *request = window->head; request; request = request->next)
    if (!request->running) {
      int64_t then = request->not_before > window->pause_until ? request->not_before : window->pause_until;
      if (then > now)
        wait = sooner(wait, then, now);
    }
  return (int)wait + 1;
}

static int cancelled(const struct window *window, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CANCELLED, window->target->name, "cancelled with %zu requests not delivered",
                     window->count);
}

static int take_failure(struct window *window, struct sluice_error *err) {
  int code = window->failure;
  if (err && !err->message[0])
    *err = window->error;
  if (code != SLUICE_ERR_RETRY)
    return code;
  window->failure = SLUICE_OK; /* the host comes back: then each request has all its attempts again */
  for (struct request *request = window->head; request; request = request->next) {
    request->attempts = 0;
    request->first_try = request->running ? retry_now_ms() : 0;
  }
  return code;
}

int window_wait(struct window *window, size_t most, struct sluice_error *err) {
  const struct sluice_host *host = window->target->host;
  struct curl_waitfd stop = {.fd = host->cancel_fd(host), .events = CURL_WAIT_POLLIN};
  for (;;) {
    if (host->cancelled(host))
      return cancelled(window, err);
    window_step(window);
    if (window->failure != SLUICE_OK)
      return take_failure(window, err);
    if (window->count <= most)
      return SLUICE_OK;
    stop.revents = 0;
    curl_multi_poll(window->multi, &stop, stop.fd >= 0 ? 1 : 0, next_event_ms(window), NULL);
    window->stepped = retry_now_ms(); /* waiting here is no pause of the host's */
  }
}

int64_t window_acked(const struct window *window) {
  return window->head ? window->head->mark.before : window->written;
}
