/* The parts of an answer: status, headers, body. */
#include "request.h"
#include "synthetic.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void answer_header(struct answer *a, const char *name, const char *value) {
  if (a->header_count == ANSWER_HEADERS)
    return;
  struct answer_header *h = &a->headers[a->header_count];
  h->name = name;
  if (text_copy(h->value, sizeof h->value, value))
    a->header_count++;
}

void answer_header_copy(struct answer *a, const char *name, const char *value) {
  if (text_copy(a->made_name, sizeof a->made_name, name))
    answer_header(a, a->made_name, value);
}

/* Forgets the answer made so far. */
static void restart(struct request *r, unsigned status) {
  body_finish(&r->answer.body);
  r->answer.header_count = 0;
  r->answer.status = status;
  r->answer.ready = true;
}

void answer_status(struct request *r, unsigned status) {
  restart(r, status);
}

void answer_text(struct request *r, unsigned status, const char *type, char *text, size_t len) {
  restart(r, text ? status : 500);
  answer_header(&r->answer, "Content-Type", type);
  if (text)
    r->answer.body = (struct body){.kind = BODY_TEXT, .text = text, .length = len, .fd = -1};
}

void body_finish(struct body *b) {
  free(b->text);
  if (b->kind == BODY_FILE)
    close(b->fd);
  *b = (struct body){.kind = BODY_NONE, .fd = -1};
}

int64_t body_read(const struct body *b, uint64_t at, char *to, size_t n) {
  if (at >= b->length)
    return -1;
  if (n > b->length - at)
    n = (size_t)(b->length - at);
  switch (b->kind) {
  case BODY_TEXT:
    memcpy(to, b->text + at, n);
    return (int64_t)n;
  case BODY_FILE: {
    ssize_t got = pread(b->fd, to, n, (off_t)(b->offset + at));
    return got > 0 ? got : -1;
  }
  case BODY_SYNTHETIC:
    synthetic_read(b->index, b->object_size, b->offset + at, to, n);
    return (int64_t)n;
  default:
    return -1;
  }
}
