/* A call that reads a stretch of an object into memory. */
#include "read/block.h"
#include "base/version.h"
#include <stdlib.h>

static struct block *block_of(struct call *call) {
  return (struct block *)call;
}

struct object_name *object_name_create(const char *key, const char *version_id) {
  size_t n = strlen(key) + 1, m = version_id ? strlen(version_id) + 1 : 0;
  struct object_name *name = malloc(sizeof *name + n + m);
  if (!name)
    return NULL;
  atomic_init(&name->references, 1);
  memcpy(name->key, key, n);
  name->version_id = version_id ? memcpy(name->key + n, version_id, m) : NULL;
  return name;
}

void object_name_unref(struct object_name *name) {
  if (name && atomic_fetch_sub(&name->references, 1) == 1)
    free(name);
}

/* ---- an attempt ---- */

/* What came in earlier attempts stays; the rest is asked for, pinned to the version that was seen. */
static void begin(struct call *call) {
  struct block *block = block_of(call);
  bool plain = block->whole && block->received == 0;
  call->request.checksum = plain && block->verify;
  call->request.first = plain ? -1 : block->offset + (int64_t)block->received;
  call->request.last = block->offset + (int64_t)block->size - 1;
  call->request.if_match = block->pin[0] ? block->pin : block->etag;
  block->skip = 0;
}

/* With the ETag that was expected it is the same object, and the answer is wrong. */
static enum call_verdict wrong_size(struct call *call, int64_t is, int64_t was) {
  const char *pin = call->request.if_match;
  bool same = pin[0] && strcmp(pin, call->head.etag) == 0;
  fault_set(&call->fault, same ? FAULT_GARBLED : FAULT_CHANGED, "the object has size %lld, where %lld was expected",
            (long long)is, (long long)was);
  return CALL_FAULT;
}

static enum call_verdict check_version(struct call *call) {
  const struct block *block = block_of(call);
  const char *pin = call->request.if_match;
  if (call->head.etag_unfit) {
    fault_set(&call->fault, FAULT_DATA, "the answer's ETag cannot be sent back");
    return CALL_FAULT;
  }
  if (pin[0] && call->head.etag[0] && strcmp(pin, call->head.etag) != 0) {
    fault_set(&call->fault, FAULT_CHANGED, "the object's ETag is %.100s, where %.100s was expected", call->head.etag,
              pin);
    return CALL_FAULT;
  }
  if (block->received && !pin[0] && !block->name->version_id) {
    fault_set(&call->fault, FAULT_DATA,
              "the transfer broke off and the server gives no ETag, so that the rest cannot be told to be of the same "
              "object");
    return CALL_FAULT;
  }
  return CALL_GO;
}

/* 206: is it what was asked for? It may be shorter; then the rest is asked for again. */
static enum call_verdict check_range(struct call *call) {
  const struct head *head = &call->head;
  const struct block *block = block_of(call);
  if (head->first != call->request.first || head->last > call->request.last) {
    fault_set(&call->fault, FAULT_GARBLED, "the answer is for bytes %lld to %lld, asked were %lld to %lld",
              (long long)head->first, (long long)head->last, (long long)call->request.first,
              (long long)call->request.last);
    return CALL_FAULT;
  }
  if (block->known_size >= 0 && head->total >= 0 && head->total != block->known_size)
    return wrong_size(call, head->total, block->known_size);
  return CALL_GO;
}

/* 200: the whole object, whether asked for or not. */
static enum call_verdict check_whole(struct call *call) {
  struct block *block = block_of(call);
  if (block->known_size >= 0 && call->head.length >= 0 && call->head.length != block->known_size)
    return wrong_size(call, call->head.length, block->known_size);
  if (call->request.first > 0)
    block->skip = call->request.first;
  else if (call->request.checksum && !call->head.composite)
    block->checksum = call->head.checksum;
  return CALL_GO;
}

static int64_t total_of(const struct call *call) {
  return call->head.http == 206 ? call->head.total : call->head.length;
}

/* Publishes what the first head says; a block that was planned without knowing the size is cut to it. */
static void learn(struct call *call) {
  struct block *block = block_of(call);
  int64_t total = total_of(call);
  engine_lock(block->engine);
  if (!block->learned) {
    block->object_size = total;
    snprintf(block->etag, sizeof block->etag, "%s", call->head.etag);
    if (total >= 0 && total - block->offset < (int64_t)block->size)
      block->size = total > block->offset ? (size_t)(total - block->offset) : 0;
    if (total >= 0)
      block->known_size = total;
    block->learned = true;
    pthread_cond_broadcast(&call->changed);
  }
  engine_unlock(block->engine);
}

static enum call_verdict on_head(struct call *call) {
  const struct block *block = block_of(call);
  int http = call->head.http;
  enum call_verdict verdict = check_version(call);
  if (verdict == CALL_GO && http != 200 && http != 206) {
    fault_set(&call->fault, FAULT_GARBLED, "HTTP %d is no answer to a GET", http);
    return CALL_FAULT;
  }
  if (verdict == CALL_GO)
    verdict = http == 206 ? check_range(call) : check_whole(call);
  if (verdict != CALL_GO)
    return verdict;
  if (block->known_size < 0 && total_of(call) < 0) {
    fault_set(&call->fault, FAULT_DATA, "the answer does not say how large the object is");
    return CALL_FAULT;
  }
  learn(call);
  return CALL_GO;
}

/* Lets the reader have what was received. It is not woken for less than it waits for: bytes come in small pieces. */
static void show(struct block *block) {
  engine_lock(block->engine);
  block->filled = block->received;
  bool enough = block->awaited && block->filled >= block->awaited;
  if (enough)
    block->awaited = 0;
  engine_unlock(block->engine);
  if (enough)
    pthread_cond_broadcast(&block->call.changed);
}

static bool has_memory(struct block *block) {
  if (!block->late || block->received == block->size)
    return true;
  engine_lock(block->engine);
  bool has = block->data != NULL;
  engine_unlock(block->engine);
  return has;
}

static enum call_verdict on_data(struct call *call, const char *bytes, size_t n) {
  struct block *block = block_of(call);
  if (!has_memory(block))
    return CALL_PAUSE;
  size_t pass = block->skip < (int64_t)n ? (size_t)block->skip : n;
  block->skip -= (int64_t)pass;
  bytes += pass;
  n -= pass;
  size_t room = block->size - block->received, take = n < room ? n : room;
  if (take)
    memcpy(block->data + block->received, bytes, take);
  if (n > room && block->whole && call->request.first < 0) {
    fault_set(&call->fault, FAULT_CHANGED, "the object has more than the %zu bytes that were expected", block->size);
    return CALL_FAULT;
  }
  block->received += take;
  if (take && block->checksum.kind == CHECKSUM_NONE)
    show(block);
  call->progress += (int64_t)take;
  return block->received == block->size && (n > room || (!block->whole && call->head.http == 200)) ? CALL_ENOUGH
                                                                                                   : CALL_GO;
}

/* All is there: is it what was stored? If not, it is read anew. */
static enum call_verdict prove(struct block *block) {
  struct checksum checksum = block->checksum;
  if (checksum.kind == CHECKSUM_NONE)
    return CALL_GO;
  block->checksum = (struct checksum){.kind = CHECKSUM_NONE};
  if (checksum_matches(&checksum, block->data, block->size)) {
    show(block);
    return CALL_GO;
  }
  block->received = 0;
  block->call.progress = 0; /* nothing was gained */
  fault_set(&block->call.fault, FAULT_GARBLED, "the bytes do not have the %s checksum that the object was stored with",
            checksum_name(checksum.kind));
  return CALL_FAULT;
}

static enum call_verdict on_end(struct call *call, bool whole) {
  struct block *block = block_of(call);
  if (block->received == block->size)
    return prove(block);
  if (whole)
    fault_set(&call->fault, FAULT_TRANSIENT, "the answer ended after %zu of %zu bytes", block->received, block->size);
  return CALL_FAULT;
}

/* An empty object has no first byte to ask for; of one whose size was not known this is how we learn it. */
static bool refused(struct call *call) {
  struct block *block = block_of(call);
  if (call->fault.http != 416 || block->known_size >= 0 || block->whole)
    return false;
  block->whole = true;
  return true;
}

/* ---- life ---- */

static void destroy(struct call *call) {
  struct block *block = block_of(call);
  call_finish(call);
  object_name_unref(block->name);
  buffers_give(block->buffers, block->data, block->taken);
  buffers_unref(block->buffers);
  free(block);
}

static struct block *block_create(const struct block_plan *plan) {
  static const struct call_ops ops = {begin, on_head, on_data, on_end, refused, destroy};
  struct block *block = calloc(1, sizeof *block);
  if (!block)
    return NULL;
  block->taken = (size_t)plan->size;
  block->data = plan->late ? NULL : buffers_take(plan->buffers, block->taken);
  block->late = block->waits = block->call.early = plan->late;
  if ((!block->data && !plan->late) || call_init(&block->call, &ops) != SLUICE_OK) {
    buffers_give(plan->buffers, block->data, block->taken);
    free(block);
    return NULL;
  }
  block->buffers = buffers_ref(plan->buffers);
  atomic_fetch_add(&plan->name->references, 1);
  block->name = plan->name;
  block->engine = plan->engine;
  return block;
}

struct block *block_start(const struct block_plan *plan) {
  struct block *block = block_create(plan);
  if (!block)
    return NULL;
  block->call.request.bucket = plan->bucket;
  block->call.request.operation = "GetObject";
  block->call.request.key = block->name->key;
  block->offset = plan->offset;
  block->capacity = block->size = (size_t)plan->size;
  block->known_size = block->object_size = plan->object_size;
  block->whole = plan->whole;
  block->needed = -1;
  block->verify = plan->verify;
  block->call.request.object_data = true;
  if (block->name->version_id) {
    block->query[0] = (struct sigv4_pair){slice_of("versionId"), slice_of(block->name->version_id)};
    block->call.request.query = block->query;
    block->call.request.n_query = 1;
  }
  snprintf(block->pin, sizeof block->pin, "%s", plan->pin);
  engine_submit(plan->engine, &block->call);
  return block;
}

bool block_grant(struct block *block) {
  uint8_t *data = buffers_take(block->buffers, block->taken);
  if (!data)
    return false;
  engine_lock(block->engine);
  block->data = data;
  block->call.early = false;
  bool failed = block->call.done;
  engine_unlock(block->engine);
  block->waits = false;
  if (!failed)
    engine_resume(block->engine, &block->call);
  return !failed;
}

/* What was received whole is not written to again, though its transfer may not have ended yet: the last one besides the
 * engine gives the memory back. Locked. */
static uint8_t *take_memory(struct block *block) {
  bool last = atomic_load(&block->call.references) == 2; /* ours and the engine's */
  if (!last || !block->dropped || block->whole || block->call.done || block->filled < block->size)
    return NULL;
  uint8_t *data = block->data;
  block->data = NULL;
  return data;
}

static void give_up(struct block *block) {
  engine_lock(block->engine);
  uint8_t *data = take_memory(block);
  engine_unlock(block->engine);
  buffers_give(block->buffers, data, block->taken);
  call_unref(&block->call);
}

void block_end_view(struct block *block) {
  give_up(block);
}

/* A transfer that has brought all ends by itself, and its connection serves again. */
void block_drop(struct block *block) {
  if (!block)
    return;
  engine_lock(block->engine);
  block->dropped = true;
  bool whole = block->learned && block->filled == block->size;
  engine_unlock(block->engine);
  if (!whole)
    engine_abandon(block->engine, &block->call);
  give_up(block);
}
