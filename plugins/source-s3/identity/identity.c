/* Credentials that stay fresh: one fetch at a time, on a thread that lives as long as the fetch. */
#include "identity/identity.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum {
  SOFT_MAX_MS = 600000,  /* so long before their end new ones are got, while the old ones serve */
  HARD_MAX_MS = 60000,   /* so long before their end nobody starts with them any more */
  RELOAD_MS = 300000,    /* credentials without an end are read again: files and secrets may rotate */
  RETRY_FIRST_MS = 1000, /* after a failed fetch */
  RETRY_MAX_MS = 30000,
  WAIT_SLICE_MS = 100
};

struct identity {
  struct identity_settings settings;
  pthread_mutex_t lock;
  pthread_cond_t changed;

  /* under the lock */
  struct credentials *current;      /* NULL: none yet */
  int64_t soft_ms, hard_ms, end_ms; /* when they are to be renewed, may not be used for new requests, end */
  bool rejected;                    /* a server refused the current ones */
  bool fetching, has_thread, announced;
  int failure; /* of the last fetch; OK: it went well */
  struct sluice_error error;
  int64_t retry_ms, retry_delay_ms;
  char label[256];

  /* the fetching thread's */
  pthread_t thread;
  struct plan plan;
  struct fetcher fetcher;
  enum plan_base base; /* as first resolved */
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

static void say(const struct identity *identity, int level, const char *line) {
  identity->settings.world->log(identity->settings.world->context, level, line);
}

/* ---- a fetch ---- */

/* Locked. */
static void set_times(struct identity *identity, int64_t now) {
  int64_t life_s = identity->current->life_s;
  if (life_s >= INT64_MAX / 2000) {
    identity->end_ms = identity->hard_ms = INT64_MAX;
    identity->soft_ms = now + RELOAD_MS;
    return;
  }
  int64_t life = life_s * 1000;
  identity->end_ms = now + life;
  identity->soft_ms = identity->end_ms - least(SOFT_MAX_MS, life / 5);
  identity->hard_ms = identity->end_ms - least(HARD_MAX_MS, life / 10);
}

/* Locked. */
static void announce(struct identity *identity) {
  char line[512], until[64] = "";
  if (identity->current->life_s < INT64_MAX / 2000)
    snprintf(until, sizeof until, ", good for %lld s", (long long)identity->current->life_s);
  snprintf(line, sizeof line, "s3: credentials from %s%s", identity->label, until);
  say(identity, identity->announced ? SLUICE_DEBUG : identity->settings.level, line);
  identity->announced = true;
}

/* Locked. */
static void take(struct identity *identity, struct credentials *fresh) {
  credentials_unref(identity->current);
  identity->current = fresh;
  identity->rejected = false;
  identity->failure = SLUICE_OK;
  identity->retry_delay_ms = 0;
  snprintf(identity->label, sizeof identity->label, "%s", identity->plan.label ? identity->plan.label : "");
  set_times(identity, now_ms());
  announce(identity);
}

/* Locked. The old ones serve on while they hold. */
static void take_failure(struct identity *identity, int status, const struct sluice_error *error) {
  char line[1200];
  identity->failure = status;
  identity->error = *error;
  identity->retry_delay_ms =
      identity->retry_delay_ms ? least(2 * identity->retry_delay_ms, RETRY_MAX_MS) : RETRY_FIRST_MS;
  identity->retry_ms = now_ms() + identity->retry_delay_ms;
  if (!identity->current || status == SLUICE_ERR_CANCELLED)
    return;
  bool elsewhere = error->where[0] && !strstr(error->message, error->where);
  snprintf(line, sizeof line, "s3: credentials could not be renewed, the old ones serve while they hold: %s%s%.800s",
           elsewhere ? error->where : "", elsewhere ? ": " : "", error->message);
  say(identity, SLUICE_WARN, line);
}

static int resolve(struct identity *identity, struct sluice_error *err) {
  struct plan fresh = {.label = NULL};
  int status = identity->settings.resolve(identity->settings.context, &fresh, err);
  if (status != SLUICE_OK)
    return status;
  plan_finish(&identity->plan);
  identity->plan = fresh;
  return SLUICE_OK;
}

static void *run(void *argument) {
  struct identity *identity = argument;
  struct credentials *fresh = NULL;
  struct sluice_error error = {0};
  int status = resolve(identity, &error);
  if (status == SLUICE_OK)
    status = fetch(&identity->fetcher, &fresh, &error);
  pthread_mutex_lock(&identity->lock);
  if (status == SLUICE_OK)
    take(identity, fresh);
  else
    take_failure(identity, status, &error);
  identity->fetching = false;
  pthread_cond_broadcast(&identity->changed);
  pthread_mutex_unlock(&identity->lock);
  if (identity->settings.ready)
    identity->settings.ready(identity->settings.ready_context);
  return NULL;
}

/* Locked. The host's signal handlers shall not run on our thread. */
static void start_fetch(struct identity *identity) {
  struct sluice_error error = {0};
  sigset_t all, before;
  if (identity->has_thread)
    pthread_join(identity->thread, NULL); /* it has ended, or is about to: fetching is false */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  identity->has_thread = pthread_create(&identity->thread, NULL, run, identity) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  identity->fetching = identity->has_thread;
  if (!identity->has_thread)
    take_failure(identity, sluice_fail(&error, SLUICE_ERR_MEMORY, "", "no thread to get credentials with"), &error);
}

/* ---- life ---- */

static int init_sync(struct identity *identity) {
  pthread_condattr_t attributes;
  if (pthread_mutex_init(&identity->lock, NULL) != 0)
    return SLUICE_ERR_MEMORY;
  int failed = pthread_condattr_init(&attributes);
  if (!failed) {
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    failed = pthread_cond_init(&identity->changed, &attributes);
    pthread_condattr_destroy(&attributes);
  }
  if (failed)
    pthread_mutex_destroy(&identity->lock);
  return failed ? SLUICE_ERR_MEMORY : SLUICE_OK;
}

int identity_create(const struct identity_settings *settings, struct identity **out, struct sluice_error *err) {
  struct identity *identity = calloc(1, sizeof *identity);
  if (!identity || init_sync(identity) != SLUICE_OK) {
    free(identity);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for credentials");
  }
  identity->settings = *settings;
  int status = resolve(identity, err);
  if (status != SLUICE_OK) {
    identity_destroy(identity);
    return status;
  }
  identity->base = identity->plan.base;
  identity->fetcher = (struct fetcher){.world = settings->world,
                                       .plan = &identity->plan,
                                       .own_keys = settings->own_keys,
                                       .own_context = settings->context};
  snprintf(identity->label, sizeof identity->label, "%s", identity->plan.label ? identity->plan.label : "");
  *out = identity;
  return SLUICE_OK;
}

void identity_destroy(struct identity *identity) {
  if (!identity)
    return;
  if (identity->has_thread)
    pthread_join(identity->thread, NULL);
  fetcher_finish(&identity->fetcher);
  plan_finish(&identity->plan);
  credentials_unref(identity->current);
  pthread_cond_destroy(&identity->changed);
  pthread_mutex_destroy(&identity->lock);
  free(identity);
}

/* ---- use ---- */

bool identity_anonymous(const struct identity *identity) {
  return identity->base == PLAN_ANONYMOUS;
}

static bool usable(const struct identity *identity, int64_t now, int64_t until_ms) {
  return identity->current && !identity->rejected && now < until_ms;
}

/* Locked. */
static bool may_fetch(const struct identity *identity, int64_t now) {
  return !identity->fetching && (identity->failure == SLUICE_OK || now >= identity->retry_ms);
}

/* Locked. */
static int get(struct identity *identity, struct credentials **out, struct sluice_error *err) {
  int64_t now = now_ms();
  bool fresh = usable(identity, now, identity->hard_ms);
  if ((!fresh || now >= identity->soft_ms) && may_fetch(identity, now))
    start_fetch(identity);
  bool failing = !identity->fetching && identity->failure != SLUICE_OK;
  if (fresh || (failing && usable(identity, now, identity->end_ms))) {
    *out = credentials_ref(identity->current);
    return SLUICE_OK;
  }
  if (!failing)
    return SLUICE_END;
  if (err && !err->message[0])
    *err = identity->error;
  return identity->failure;
}

int identity_get(struct identity *identity, struct credentials **out, struct sluice_error *err) {
  if (identity_anonymous(identity)) {
    *out = NULL;
    return SLUICE_OK;
  }
  pthread_mutex_lock(&identity->lock);
  int status = get(identity, out, err);
  pthread_mutex_unlock(&identity->lock);
  return status;
}

static void wait_change(struct identity *identity) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += WAIT_SLICE_MS * 1000000L;
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  pthread_mutex_lock(&identity->lock);
  if (identity->fetching)
    pthread_cond_timedwait(&identity->changed, &identity->lock, &until);
  pthread_mutex_unlock(&identity->lock);
}

int identity_wait(struct identity *identity, struct credentials **out, struct sluice_error *err) {
  const struct world *world = identity->settings.world;
  for (;;) {
    int status = identity_get(identity, out, err);
    if (status != SLUICE_END)
      return status;
    wait_change(identity);
    status = world->pause(world->context, 0, err);
    if (status != SLUICE_OK)
      return status;
  }
}

void identity_expired(struct identity *identity, const struct credentials *used) {
  pthread_mutex_lock(&identity->lock);
  if (identity->current == used)
    identity->rejected = true;
  pthread_mutex_unlock(&identity->lock);
}

void identity_label(struct identity *identity, char *out, size_t size) {
  pthread_mutex_lock(&identity->lock);
  snprintf(out, size, "%s", identity->label);
  pthread_mutex_unlock(&identity->lock);
}

/* A plan of our own: the identity's may be replaced by a fetch at any time. */
static int own_plan(struct identity *identity, struct plan *out, struct sluice_error *err) {
  *out = (struct plan){.label = NULL};
  return identity->settings.resolve(identity->settings.context, out, err);
}

int identity_caller(struct identity *identity, struct sts_caller *out, struct sluice_error *err) {
  struct credentials *with = NULL;
  struct plan plan;
  int status = identity_wait(identity, &with, err);
  if (status != SLUICE_OK)
    return status;
  status = own_plan(identity, &plan, err);
  if (status == SLUICE_OK)
    status = sts_get_caller_identity(identity->settings.world, &plan, with, out, err);
  plan_finish(&plan);
  credentials_unref(with);
  return status;
}

int identity_try_open_role(struct identity *identity, struct sluice_error *err) {
  struct plan plan;
  int status = own_plan(identity, &plan, err);
  struct fetcher fetcher = {.world = identity->settings.world,
                            .plan = &plan,
                            .own_keys = identity->settings.own_keys,
                            .own_context = identity->settings.context};
  if (status == SLUICE_OK)
    status = fetch_open_role(&fetcher, err);
  fetcher_finish(&fetcher);
  plan_finish(&plan);
  return status;
}
