/* What the faults of the script do to a request and to its answer. */
#include "garbage.h"
#include "request.h"

#include <stdio.h>
#include <string.h>

void request_fault_fired(struct request *r, const char *detail) {
  journal_fault(r->server->journal, &r->fault, r->op, r->bucket, r->key, detail);
  r->fault_fired = true;
}

static void slow_down(struct request *r) {
  char seconds[24];
  answer_error(r, "SlowDown", NULL);
  if (r->fault.number >= 0) {
    snprintf(seconds, sizeof seconds, "%lld", (long long)r->fault.number);
    answer_header(&r->answer, "Retry-After", seconds);
  }
}

static void expire(struct request *r) {
  if (r->credential == CREDENTIAL_SESSION)
    sessions_end(r->server->sessions, r->claim.access_key);
  answer_error(r, "ExpiredToken", NULL);
}

static void hang(struct request *r) {
  r->hanging = true;
  r->dropped = !waits_sleep(r->server->waits, r->connection, r->fault.number);
}

/* The thread of the hostile answer wakes us when the client has gone. */
static void be_hostile(struct request *r) {
  r->hanging = true;
  r->dropped = !hostile_start(r->server->hostile, r->connection, r->fault.text);
}

static void answer_garbage(struct request *r) {
  size_t len = 0;
  char *text = garbage_make(r->fault.text, &len);
  answer_text(r, 200, "application/xml", text, len);
}

static bool make_answer(struct request *r) {
  const struct fault *f = &r->fault;
  switch (f->action) {
  case FAULT_ERROR:
    answer_error_status(r, (unsigned)f->number, f->text, "A fault of the script", NULL, 0);
    return true;
  case FAULT_SLOWDOWN:
    slow_down(r);
    return true;
  case FAULT_INTERNAL:
    answer_error(r, "InternalError", NULL);
    return true;
  case FAULT_ERROR_IN_200:
    answer_error_status(r, 200, *f->text ? f->text : "InternalError", "A fault of the script", NULL, 0);
    return true;
  case FAULT_EXPIRED:
    expire(r);
    return true;
  case FAULT_GONE:
    answer_error(r, *r->key ? "NoSuchKey" : "NoSuchBucket", NULL);
    return true;
  case FAULT_DROP:
    r->dropped = true;
    return true;
  case FAULT_HANG:
    hang(r);
    return true;
  case FAULT_HOSTILE:
    be_hostile(r);
    return true;
  case FAULT_GARBAGE:
    answer_garbage(r);
    return true;
  default:
    return false;
  }
}

bool request_fault_before(struct request *r) {
  if (r->fault.action == FAULT_CHANGE && *r->key && objects_change(r->server->objects, r->bucket, r->key))
    request_fault_fired(r, "");
  if (!make_answer(r))
    return true;
  request_fault_fired(r, "");
  return false;
}

/* A number that looks random, the same for the same seed and turn. */
static uint64_t random_of(uint64_t seed, uint64_t turn) {
  uint64_t x = seed * 0x9e3779b97f4a7c15u + turn * 0xd1342543de82ef95u + 1;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static void fired_at(struct request *r, uint64_t at) {
  char detail[64];
  snprintf(detail, sizeof detail, "at=%llu of=%llu", (unsigned long long)at, (unsigned long long)r->answer.body.length);
  request_fault_fired(r, detail);
}

static void cut(struct request *r, uint64_t at) {
  if (at >= r->answer.body.length)
    return;
  r->harm.cut_at = at;
  fired_at(r, at);
}

static void cut_and_expire(struct request *r, uint64_t at) {
  if (at >= r->answer.body.length)
    return;
  cut(r, at);
  if (r->credential == CREDENTIAL_SESSION)
    sessions_end(r->server->sessions, r->claim.access_key);
  else
    faults_expire_next(r->server->faults, &r->fault);
}

static void reset(struct request *r, uint64_t at) {
  r->harm.reset = true;
  cut(r, at);
}

/* One byte of the object is another. */
static void corrupt(struct request *r, uint64_t at) {
  const struct body *b = &r->answer.body;
  if (b->kind == BODY_TEXT || at < b->offset || at - b->offset >= b->length)
    return;
  r->harm.flip_at = at - b->offset;
  fired_at(r, at);
}

static void break_xml(struct request *r) {
  struct body *b = &r->answer.body;
  if (r->op != OP_LIST || b->kind != BODY_TEXT)
    return;
  b->length = b->length * 2 / 3;
  fired_at(r, b->length);
}

void request_fault_after(struct request *r) {
  struct body *b = &r->answer.body;
  uint64_t number = (uint64_t)r->fault.number;
  bool has_body = r->answer.ready && r->answer.status < 300 && b->length > 0 && !r->head;
  if (r->fault_fired || !has_body)
    return;
  switch (r->fault.action) {
  case FAULT_CUT:
    cut(r, number);
    break;
  case FAULT_CUT_RANDOM:
    cut(r, random_of(number, r->fault.turn) % b->length);
    break;
  case FAULT_EXPIRED_MID:
    cut_and_expire(r, number);
    break;
  case FAULT_HANG_MID:
    if (number < b->length) {
      r->harm.hang_at = number;
      fired_at(r, number);
    }
    break;
  case FAULT_SLOW:
    r->harm.rate = number;
    request_fault_fired(r, "");
    break;
  case FAULT_HUGE_LENGTH:
    if (number > b->length) {
      r->harm.promise = number;
      fired_at(r, number);
    }
    break;
  case FAULT_RESET:
    reset(r, number);
    break;
  case FAULT_CORRUPT:
    corrupt(r, number);
    break;
  case FAULT_BROKEN_XML:
    break_xml(r);
    break;
  default:
    break;
  }
}
