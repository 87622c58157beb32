/* An I/O thread of a source: runs calls on one curl multi handle, tries again, and stops at cancel. */
#include "request/engine.h"
#include "request/transport.h"
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum {
  PROGRESS_BYTES = 64 << 10, /* an attempt that brought this many is no failure in a row */
  WAIT_SLICE_MS = 200,
  POLL_MAX_MS = 60000,
  LIMIT_GROWS_MS = 1000,
  PARK_MS = 1000,   /* a call without credentials looks again after this long, should nobody wake it */
  RENEWALS_MAX = 3, /* of credentials in a row, for one call */
  SKEWS_MAX = 3     /* corrections of the clock, likewise */
};

struct queue {
  struct call *first, **last;
};

struct engine {
  struct client *client;
  pthread_t thread;
  pthread_mutex_t lock;
  CURLM *multi;

  /* under the lock */
  struct queue incoming;
  bool stopping, abandoned, resumed;
  atomic_bool credentials_came;

  /* the thread's own */
  struct queue waiting, active;
  struct transport_pool pool;
  bool cancelled;
  int n_active, limit, connections;
  int64_t limit_since_ms;
  uint64_t random;
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- queues ---- */

static void queue_init(struct queue *queue) {
  queue->first = NULL;
  queue->last = &queue->first;
}

static void queue_push(struct queue *queue, struct call *call) {
  call->next = NULL;
  *queue->last = call;
  queue->last = &call->next;
}

static void queue_append(struct queue *queue, struct queue *more) {
  if (!more->first)
    return;
  *queue->last = more->first;
  queue->last = more->last;
  queue_init(more);
}

/* Takes out the call that *link points to. */
static struct call *queue_take(struct queue *queue, struct call **link) {
  struct call *call = *link;
  *link = call->next;
  if (queue->last == &call->next)
    queue->last = link;
  call->next = NULL;
  return call;
}

static void queue_remove(struct queue *queue, const struct call *call) {
  for (struct call **link = &queue->first; *link; link = &(*link)->next)
    if (*link == call) {
      queue_take(queue, link);
      return;
    }
}

/* ---- ends of calls ---- */

static void finish(struct engine *engine, struct call *call, int status) {
  pthread_mutex_lock(&engine->lock);
  call->status = status;
  call->done = true;
  pthread_cond_broadcast(&call->changed);
  pthread_mutex_unlock(&engine->lock);
  call_unref(call);
}

static void finish_fault(struct engine *engine, struct call *call) {
  struct fault_site site = {.operation = call->request.operation,
                            .bucket = call->request.bucket->name,
                            .key = call->request.key,
                            .region = call->sent.region,
                            .host = call->sent.host,
                            .canonical_hash = call->sent.canonical_hash,
                            .attempts = call->total_attempts,
                            .names_owner = engine->client->options->expected_bucket_owner != NULL,
                            .pays = engine->client->options->requester_pays != 0};
  struct sluice_error error = {0};
  int status = fault_report(&call->fault, &site, &error);
  pthread_mutex_lock(&engine->lock);
  call->error = error;
  pthread_mutex_unlock(&engine->lock);
  finish(engine, call, status);
}

static void cancel_call(struct engine *engine, struct call *call) {
  struct sluice_error error = {0};
  int status = sluice_fail(&error, SLUICE_ERR_CANCELLED, "", "%s: cancelled", call->request.operation);
  pthread_mutex_lock(&engine->lock);
  call->error = error;
  pthread_mutex_unlock(&engine->lock);
  finish(engine, call, status);
}

static void stop_transfer(struct engine *engine, struct call *call) {
  if (!call->easy)
    return;
  curl_multi_remove_handle(engine->multi, call->easy);
  transport_put(&engine->pool, call->easy);
  call->easy = NULL;
  engine->n_active--;
  engine->pool.paused -= call->paused;
  call->paused = false;
}

static void cancel_queue(struct engine *engine, struct queue *queue) {
  while (queue->first) {
    struct call *call = queue_take(queue, &queue->first);
    stop_transfer(engine, call);
    cancel_call(engine, call);
  }
}

static void sweep_queue(struct engine *engine, struct queue *queue) {
  for (struct call **link = &queue->first; *link;) {
    pthread_mutex_lock(&engine->lock);
    bool abandoned = (*link)->abandoned;
    pthread_mutex_unlock(&engine->lock);
    if (!abandoned) {
      link = &(*link)->next;
      continue;
    }
    struct call *call = queue_take(queue, link);
    stop_transfer(engine, call);
    cancel_call(engine, call);
  }
}

/* ---- attempts ---- */

static void again(struct engine *engine, struct call *call, int64_t at) {
  call->start_at_ms = at;
  queue_push(&engine->waiting, call);
}

/* END: there are no credentials yet. */
static int sign(struct engine *engine, struct call *call, struct sluice_error *err) {
  credentials_unref(call->with);
  call->with = NULL;
  signed_request_finish(&call->sent);
  int status = identity_get(access_identity(call->request.bucket->access), &call->with, err);
  if (status != SLUICE_OK)
    return status;
  struct request head = {
      .head = true, .bucket = call->request.bucket, .operation = "HeadBucket", .key = "", .first = -1};
  return client_sign(engine->client, call->probing ? &head : &call->request, call->with, &call->sent, err);
}

static void start(struct engine *engine, struct call *call, int64_t now) {
  struct sluice_error error = {0};
  call->parked = false;
  call_reset_attempt(call);
  call->ops->begin(call);
  int status = sign(engine, call, &error);
  if (status == SLUICE_END) {
    call->parked = true;
    again(engine, call, now + PARK_MS);
    return;
  }
  if (status == SLUICE_OK) {
    if (call->retry.attempts == 0)
      call->retry.since_ms = now;
    call->retry.attempts++;
    call->total_attempts++;
    call->easy = transport_get(&engine->pool, engine->client->options, call);
    if (call->easy && curl_multi_add_handle(engine->multi, call->easy) == CURLM_OK) {
      engine->n_active++;
      queue_push(&engine->active, call);
      sluice_count(engine->client->requests, 1);
      sluice_count(engine->client->retries, call->total_attempts > 1);
      return;
    }
    transport_put(&engine->pool, call->easy);
    call->easy = NULL;
    status = sluice_fail(&error, SLUICE_ERR_MEMORY, "", "no memory for a request");
  }
  pthread_mutex_lock(&engine->lock);
  call->error = error;
  pthread_mutex_unlock(&engine->lock);
  finish(engine, call, status);
}

static bool is_early(struct engine *engine, const struct call *call) {
  pthread_mutex_lock(&engine->lock);
  bool early = call->early;
  pthread_mutex_unlock(&engine->lock);
  return early;
}

/* Paused calls wait for memory that others must free, so they keep none of those from going. */
static bool may_start(struct engine *engine, const struct call *call) {
  if (engine->n_active < engine->limit / 2)
    return true;
  return engine->n_active - engine->pool.paused < engine->limit && !is_early(engine, call);
}

static void start_due(struct engine *engine, int64_t now) {
  for (struct call **link = &engine->waiting.first; *link;)
    if ((*link)->start_at_ms <= now && may_start(engine, *link))
      start(engine, queue_take(&engine->waiting, link), now);
    else
      link = &(*link)->next;
}

/* The time until a call is due that may start; -1: there is none. */
static int64_t next_due(struct engine *engine, int64_t now) {
  int64_t next = -1;
  for (const struct call *call = engine->waiting.first; call && next != 0; call = call->next) {
    int64_t rest = call->start_at_ms > now ? call->start_at_ms - now : 0;
    if ((next < 0 || rest < next) && may_start(engine, call))
      next = rest;
  }
  return next;
}

/* Throttled: half as many at once, then one more with each second that goes well. */
static void adapt_limit(struct engine *engine, bool throttled, int64_t now) {
  if (throttled) {
    engine->limit = engine->limit > 1 ? engine->limit / 2 : 1;
    engine->limit_since_ms = now;
  } else if (engine->limit < engine->connections && now - engine->limit_since_ms >= LIMIT_GROWS_MS) {
    engine->limit++;
    engine->limit_since_ms = now;
  }
}

static double next_random(struct engine *engine) {
  engine->random ^= engine->random << 13;
  engine->random ^= engine->random >> 7;
  engine->random ^= engine->random << 17;
  return (double)(engine->random >> 11) / 9007199254740992.0;
}

/* Credentials that a server no longer takes are got anew. Some servers (Ceph) call an ended session an unknown key. */
static bool renewed(struct engine *engine, struct call *call) {
  bool ended =
      call->fault.kind == FAULT_EXPIRED || (call->fault.kind == FAULT_AUTH && call->with && call->with->token[0] &&
                                            strcmp(call->fault.code, "InvalidAccessKeyId") == 0);
  if (!ended || !call->with || call->renewals >= RENEWALS_MAX)
    return false;
  call->renewals++;
  sluice_log(engine->client->host, SLUICE_DEBUG, "%s: the credentials have ended (%s); others are got",
             call->request.operation, call->fault.code);
  identity_expired(access_identity(call->request.bucket->access), call->with);
  return true;
}

/* Faults that are mended by signing anew. The clocks of a service's hosts may differ, so a call may meet several. */
static bool mended(struct engine *engine, struct call *call) {
  const struct fault *fault = &call->fault;
  if (call->ops->refused && !call->refused_once && fault->http && call->ops->refused(call)) {
    call->refused_once = true;
    return true;
  }
  if (fault->kind == FAULT_REGION && !call->moved && fault->region[0]) {
    call->moved = true;
    return client_move_bucket(engine->client, call->request.bucket, fault->region) ||
           strcmp(fault->region, call->sent.region) != 0; /* another call has moved it meanwhile */
  }
  if (renewed(engine, call))
    return true;
  bool skew = fault->kind == FAULT_SKEW || fault->kind == FAULT_MAYBE_SKEW;
  if (!skew || call->skews >= SKEWS_MAX || call->head.date < 0)
    return false;
  int64_t error = client_clock_error(engine->client, call->head.date);
  if (fault->kind == FAULT_MAYBE_SKEW && error <= 240 && error >= -240)
    return false;
  client_set_clock(engine->client, call->head.date);
  call->skews++;
  return true;
}

static void conclude_fault(struct engine *engine, struct call *call, int64_t now) {
  int64_t delay = 0;
  adapt_limit(engine, call->fault.kind == FAULT_THROTTLE, now);
  if (mended(engine, call)) {
    again(engine, call, now);
    return;
  }
  if (call->progress >= PROGRESS_BYTES) {
    call->renewals = call->skews = 0;
    call->retry = (struct retry){.attempts = 1, .since_ms = now};
  }
  call->retry.garbled += call->fault.kind == FAULT_GARBLED;
  if (is_early(engine, call) || !retry_next(&call->retry, (int)engine->client->options->max_attempts, &call->fault, now,
                                            next_random(engine), &delay)) {
    finish_fault(engine, call);
    return;
  }
  sluice_log(engine->client->host, SLUICE_DEBUG, "%s s3://%s/%.200s: HTTP %d %s %s; attempt %d again in %lld ms",
             call->request.operation, call->request.bucket->name, call->request.key, call->fault.http, call->fault.code,
             call->fault.message, call->total_attempts, (long long)delay);
  again(engine, call, now + delay);
}

/* A bucket that is elsewhere, and nobody said where: a HEAD of it says so, even where it is refused. */
static bool probe(struct call *call) {
  if (call->fault.kind != FAULT_REGION || call->fault.region[0] || call->probed || call->moved)
    return false;
  call->before = call->fault;
  call->probing = call->probed = true;
  return true;
}

static void conclude_probe(struct engine *engine, struct call *call, int64_t now) {
  char region[64];
  snprintf(region, sizeof region, "%s", call->head.region);
  call->probing = false;
  call->fault = call->before;
  snprintf(call->fault.region, sizeof call->fault.region, "%s", region);
  conclude_fault(engine, call, now);
}

static void conclude(struct engine *engine, struct call *call, CURLcode code) {
  bool ok = call_succeeded(call, code);
  int64_t now = now_ms();
  queue_remove(&engine->active, call);
  stop_transfer(engine, call);
  if (call->probing) {
    conclude_probe(engine, call, now);
    return;
  }
  if (!ok && probe(call)) {
    again(engine, call, now);
    return;
  }
  if (!ok) {
    conclude_fault(engine, call, now);
    return;
  }
  adapt_limit(engine, false, now);
  finish(engine, call, SLUICE_OK);
}

static void reap(struct engine *engine) {
  int left;
  for (CURLMsg *message = curl_multi_info_read(engine->multi, &left); message;
       message = curl_multi_info_read(engine->multi, &left)) {
    struct call *call = NULL;
    if (message->msg != CURLMSG_DONE)
      continue;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
    conclude(engine, call, message->data.result);
  }
}

/* ---- thread ---- */

/* The data that it paused for come again, perhaps at once, by its callback; a transfer may end by that. */
static void resume(struct engine *engine, struct call *call) {
  call->paused = false;
  engine->pool.paused--;
  CURLcode code = curl_easy_pause(call->easy, CURLPAUSE_CONT);
  if (code != CURLE_OK)
    conclude(engine, call, code);
}

static void resume_all(struct engine *engine) {
  for (struct call *call = engine->active.first, *next; call; call = next) {
    next = call->next;
    pthread_mutex_lock(&engine->lock);
    bool wanted = call->resume;
    call->resume = false;
    pthread_mutex_unlock(&engine->lock);
    if (wanted && call->paused)
      resume(engine, call);
  }
}

static void unpark(struct engine *engine) {
  for (struct call *call = engine->waiting.first; call; call = call->next)
    if (call->parked) {
      call->parked = false;
      call->start_at_ms = 0;
    }
}

static bool take_incoming(struct engine *engine) {
  pthread_mutex_lock(&engine->lock);
  queue_append(&engine->waiting, &engine->incoming);
  bool sweep = engine->abandoned, go = !engine->stopping, resumed = engine->resumed;
  engine->abandoned = engine->resumed = false;
  pthread_mutex_unlock(&engine->lock);
  if (resumed)
    resume_all(engine);
  if (sweep) {
    sweep_queue(engine, &engine->waiting);
    sweep_queue(engine, &engine->active);
  }
  return go;
}

/* Sleeps until there is something to do. */
static void wait_for_work(struct engine *engine, int64_t due_ms) {
  const struct sluice_host *host = engine->client->host;
  int fd = engine->cancelled ? -1 : host->cancel_fd(host);
  struct curl_waitfd cancel = {.fd = fd, .events = CURL_WAIT_POLLIN};
  int64_t most = fd >= 0 || engine->cancelled ? POLL_MAX_MS : WAIT_SLICE_MS;
  if (due_ms >= 0 && due_ms < most)
    most = due_ms;
  curl_multi_poll(engine->multi, &cancel, fd >= 0 ? 1 : 0, (int)most, NULL);
  engine->cancelled |= cancel.revents != 0 || host->cancelled(host);
}

static void *run(void *argument) {
  struct engine *engine = argument;
  while (take_incoming(engine)) {
    int running = 0;
    if (engine->cancelled) {
      cancel_queue(engine, &engine->waiting);
      cancel_queue(engine, &engine->active);
    }
    if (atomic_exchange(&engine->credentials_came, false))
      unpark(engine);
    start_due(engine, now_ms());
    curl_multi_perform(engine->multi, &running);
    reap(engine);
    wait_for_work(engine, next_due(engine, now_ms()));
  }
  cancel_queue(engine, &engine->waiting);
  cancel_queue(engine, &engine->active);
  return NULL;
}

/* ---- for owners ---- */

void engine_lock(struct engine *engine) {
  pthread_mutex_lock(&engine->lock);
}
void engine_unlock(struct engine *engine) {
  pthread_mutex_unlock(&engine->lock);
}

void engine_submit(struct engine *engine, struct call *call) {
  atomic_fetch_add(&call->references, 1);
  pthread_mutex_lock(&engine->lock);
  queue_push(&engine->incoming, call);
  pthread_mutex_unlock(&engine->lock);
  curl_multi_wakeup(engine->multi);
}

void engine_resume(struct engine *engine, struct call *call) {
  pthread_mutex_lock(&engine->lock);
  call->resume = !call->done;
  engine->resumed |= call->resume;
  pthread_mutex_unlock(&engine->lock);
  curl_multi_wakeup(engine->multi);
}

void engine_wake(struct engine *engine) {
  atomic_store(&engine->credentials_came, true);
  curl_multi_wakeup(engine->multi);
}

void engine_abandon(struct engine *engine, struct call *call) {
  pthread_mutex_lock(&engine->lock);
  bool done = call->done;
  call->abandoned = true;
  engine->abandoned |= !done;
  pthread_mutex_unlock(&engine->lock);
  if (!done)
    curl_multi_wakeup(engine->multi);
}

int engine_wait(struct engine *engine, struct call *call, struct sluice_error *err) {
  const struct sluice_host *host = engine->client->host;
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += WAIT_SLICE_MS * 1000000L;
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  pthread_cond_timedwait(&call->changed, &engine->lock, &until);
  if (call->done || !host->cancelled(host))
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_CANCELLED, "", "%s: cancelled", call->request.operation);
}

void call_copy_error(const struct call *call, struct sluice_error *err) {
  if (err && !err->message[0])
    *err = call->error;
}

int engine_finish_call(struct engine *engine, struct call *call, struct sluice_error *err) {
  int status = SLUICE_OK;
  pthread_mutex_lock(&engine->lock);
  while (!call->done && status == SLUICE_OK)
    status = engine_wait(engine, call, err);
  if (call->done)
    status = call->status;
  if (call->done && status != SLUICE_OK)
    call_copy_error(call, err);
  pthread_mutex_unlock(&engine->lock);
  return status;
}

/* ---- life ---- */

/* The host's signal handlers shall not run on our thread. */
static int start_thread(struct engine *engine) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&engine->thread, NULL, run, engine);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return failed;
}

static void free_engine(struct engine *engine) {
  transport_pool_finish(&engine->pool);
  if (engine->multi)
    curl_multi_cleanup(engine->multi); /* closes connections, which the pool counts */
  pthread_mutex_destroy(&engine->lock);
  free(engine);
}

int engine_create(struct client *client, int connections, struct engine **out, struct sluice_error *err) {
  struct engine *engine = calloc(1, sizeof *engine);
  if (!engine || pthread_mutex_init(&engine->lock, NULL) != 0) {
    free(engine);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the s3 source");
  }
  queue_init(&engine->incoming);
  queue_init(&engine->waiting);
  queue_init(&engine->active);
  engine->client = client;
  engine->limit = engine->connections = connections;
  engine->random = (uint64_t)now_ms() * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)(uintptr_t)engine ^ 1;
  engine->multi = curl_multi_init();
  if (!engine->multi || start_thread(engine) != 0) {
    free_engine(engine);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "the s3 source's thread cannot be started");
  }
  curl_multi_setopt(engine->multi, CURLMOPT_MAXCONNECTS, (long)connections);
  *out = engine;
  return SLUICE_OK;
}

void engine_destroy(struct engine *engine) {
  if (!engine)
    return;
  pthread_mutex_lock(&engine->lock);
  engine->stopping = true;
  pthread_mutex_unlock(&engine->lock);
  curl_multi_wakeup(engine->multi);
  pthread_join(engine->thread, NULL);
  free_engine(engine);
}
