/* Fuzzes the answers to a GET of an object: their status, headers and bodies, over several attempts, with the calls
 * that the engine makes. The first byte says how the object is asked for; 0x1e begins the next answer, 0x1d the
 * trailers of one, and 0x1f at its end says that the connection broke. What the reader sees must be what was sent, of
 * one version, and never change. */
#include "read/block.h"
#include "told.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
  ANSWERS_MAX = 8,
  ANSWER_END = 0x1e,
  BROKEN = 0x1f,
  TRAILERS = 0x1d,
  OBJECT_SIZE = 40,
  BLOCK_SIZE = 24,
  SKIP = 8
};
enum { HOW_PART, HOW_FIRST, HOW_WHOLE, HOW_FORMS }; /* of an object whose size is not known: HOW_FIRST */
enum { HOW_PINNED = 4, HOW_NO_CHECKSUM = 8, HOW_VERSION = 16, HOW_BYTE_WISE = 32 };

static const char token[] = "IQoJb3JpZ2luX2VjEOr-fuzzed-session-token",
                  sse_key[] = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0ISE=",
                  signature[] = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

/* ---- in place of the engine: nothing runs by itself ---- */

static struct call *submitted;

void engine_submit(struct engine *engine, struct call *call) {
  (void)engine;
  atomic_fetch_add(&call->references, 1);
  submitted = call;
}
void engine_resume(struct engine *engine, struct call *call) {
  (void)engine, (void)call;
}

void engine_abandon(struct engine *engine, struct call *call) {
  (void)engine, (void)call;
}
void engine_lock(struct engine *engine) {
  (void)engine;
}
void engine_unlock(struct engine *engine) {
  (void)engine;
}

/* ---- what must hold ---- */

struct watch {
  struct block *block;
  uint8_t shown[OBJECT_SIZE]; /* what the reader has seen */
  size_t n_shown;
  char etag[1001]; /* of the bytes that are kept */
};

static void check_head(const struct head *head) {
  char date[SIGV4_DATE_SIZE];
  require(head->http >= 0 && head->http <= 999 && head->bytes <= HEAD_BYTES_MAX);
  require(head->length >= -1 && head->total >= -1 && head->date >= -1);
  require(head->first >= -1 && head->last >= head->first && (head->first < 0) == (head->last < 0));
  require(head->first < 0 || head->total < 0 || head->last < head->total);
  require(head->retry_ms >= -1 && head->retry_ms <= 120000 && head->retry_extra_ms >= 0);
  require((unsigned)head->checksum.kind <= CHECKSUM_SHA256);
  require_text(head->etag, sizeof head->etag);
  require(!strpbrk(head->etag, "\" "));
  require_text(head->region, sizeof head->region);
  require_text(head->request_id, sizeof head->request_id);
  require_text(head->host_id, sizeof head->host_id);
  sigv4_date(head->date, date);
  require(strlen(date) == SIGV4_DATE_SIZE - 1);
}

static void check_shown(struct watch *watch) {
  const struct block *block = watch->block;
  require(block->filled <= block->received && block->received <= block->size && block->size <= block->capacity);
  require(block->filled >= watch->n_shown && memcmp(block->data, watch->shown, watch->n_shown) == 0);
  memcpy(watch->shown, block->data, block->filled);
  watch->n_shown = block->filled;
  require(!block->learned || block->object_size >= -1);
}

/* The bytes that an attempt brought are those of its body, and of the version that the ones before are of. */
static void check_gain(struct watch *watch, size_t before, const uint8_t *body, size_t n) {
  const struct block *block = watch->block;
  const struct head *head = &block->call.head;
  size_t from = head->http == 206 || block->call.request.first < 0 ? 0 : (size_t)block->call.request.first;
  if (block->received <= before)
    return;
  size_t gain = block->received - before;
  require(from <= n && gain <= n - from && memcmp(block->data + before, body + from, gain) == 0);
  require(!before || !watch->etag[0] || !head->etag[0] || strcmp(watch->etag, head->etag) == 0);
  if (head->etag[0])
    memcpy(watch->etag, head->etag, sizeof watch->etag);
}

/* ---- one answer ---- */

struct span {
  const uint8_t *at;
  size_t size;
};

/* Takes what comes before the byte, which is passed over, or all. */
static struct span cut(struct span *rest, int byte) {
  const uint8_t *end = rest->size ? memchr(rest->at, byte, rest->size) : NULL;
  struct span part = {rest->at, end ? (size_t)(end - rest->at) : rest->size};
  size_t used = part.size + (end ? 1 : 0);
  *rest = (struct span){rest->at + used, rest->size - used};
  return part;
}

/* A line with its end, in memory of its own size, so that reads past the end are seen. */
static bool feed_line(struct call *call, struct span *lines) {
  const uint8_t *start = lines->at;
  cut(lines, '\n');
  size_t n = (size_t)(lines->at - start);
  char *line = malloc(n + 1);
  require(line != NULL);
  memcpy(line, start, n);
  char *exact = realloc(line, n ? n : 1);
  require(exact != NULL);
  bool go = call_on_header(call, exact, n) == n;
  free(exact);
  check_head(&call->head);
  return go;
}

static bool feed_body(struct watch *watch, struct span body, size_t step) {
  struct call *call = &watch->block->call;
  for (size_t at = 0; at < body.size; at += step) {
    size_t n = body.size - at < step ? body.size - at : step;
    bool go = call_on_body(call, (const char *)body.at + at, n) == n;
    check_shown(watch);
    if (!go)
      return false;
  }
  return true;
}

/* As libcurl gives it: lines until the last head's end, the body, and trailers. True: the call has its result. */
static bool take_answer(struct watch *watch, struct span answer, size_t step) {
  struct call *call = &watch->block->call;
  size_t before = watch->block->received;
  CURLcode code = CURLE_OK;
  if (answer.size && answer.at[answer.size - 1] == BROKEN) {
    code = CURLE_PARTIAL_FILE;
    answer.size--;
  }
  bool go = true;
  while (go && answer.size && !call->head.ended)
    go = feed_line(call, &answer);
  struct span body = cut(&answer, TRAILERS);
  go = go && feed_body(watch, body, step);
  while (go && answer.size)
    go = feed_line(call, &answer);
  if (!go)
    code = CURLE_WRITE_ERROR;
  bool ok = call_succeeded(call, code);
  check_gain(watch, before, body.at, body.size);
  check_shown(watch);
  return ok;
}

/* ---- a call ---- */

static void send_in_trust(struct call *call) {
  char line[200];
  const char *const lines[][2] = {
      {"Authorization: AWS4-HMAC-SHA256 Credential=A/1/r/s3/aws4_request, Signature=", signature},
      {"x-amz-security-token: ", token},
      {"x-amz-server-side-encryption-customer-key: ", sse_key}};
  signed_request_finish(&call->sent);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    snprintf(line, sizeof line, "%s%s", lines[i][0], lines[i][1]);
    struct curl_slist *more = curl_slist_append(call->sent.headers, line);
    require(more != NULL);
    call->sent.headers = more;
  }
}

static bool worth_another(struct call *call) {
  int64_t delay = 0;
  require(call->fault.kind != FAULT_NONE);
  require_fault(&call->fault, token);
  require_fault(&call->fault, sse_key);
  require_fault(&call->fault, signature);
  call->retry.attempts++;
  call->retry.garbled += call->fault.kind == FAULT_GARBLED;
  return call->ops->refused(call) || retry_next(&call->retry, ANSWERS_MAX, &call->fault, 0, 0.5, &delay);
}

static void run(struct watch *watch, struct span answers, size_t step) {
  struct call *call = &watch->block->call;
  for (int i = 0; i < ANSWERS_MAX && answers.size; i++) {
    call_reset_attempt(call);
    call->ops->begin(call);
    send_in_trust(call);
    if (take_answer(watch, cut(&answers, ANSWER_END), step)) {
      require(watch->block->filled == watch->block->size);
      return;
    }
    if (!worth_another(call))
      return;
  }
}

static struct block_plan plan_of(uint8_t how, struct object_name *name) {
  static struct bucket bucket = {.name = "bucket"};
  int form = how % 4 % HOW_FORMS;
  return (struct block_plan){.bucket = &bucket,
                             .name = name,
                             .pin = how & HOW_PINNED ? "abc" : "",
                             .offset = form == HOW_PART ? SKIP : 0,
                             .size = form == HOW_WHOLE ? OBJECT_SIZE : BLOCK_SIZE,
                             .object_size = form == HOW_FIRST ? -1 : OBJECT_SIZE,
                             .whole = form == HOW_WHOLE,
                             .verify = form == HOW_WHOLE && !(how & HOW_NO_CHECKSUM)};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint8_t how = size ? data[0] : 0;
  struct object_name *name = object_name_create("key", how & HOW_VERSION ? "v1" : NULL);
  require(name != NULL);
  struct block_plan plan = plan_of(how, name);
  struct watch watch = {.block = block_start(&plan)};
  require(watch.block && submitted == &watch.block->call);
  if (size)
    run(&watch, (struct span){data + 1, size - 1}, how & HOW_BYTE_WISE ? 1 : size);
  call_unref(submitted); /* the engine's */
  block_drop(watch.block);
  object_name_unref(name);
  return 0;
}
