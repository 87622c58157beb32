/* Hands an answer to libmicrohttpd: whole, or harmed as a fault wants it. */
#include "send.h"
#include "clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BLOCK = 128 * 1024, TICKS_A_SECOND = 20, HANG_MS = 3600000 };

/* A body that is read piece by piece. */
struct sending {
  struct body body;
  struct harm harm;
  struct waits *waits;
  struct MHD_Connection *connection;
  bool rested;
};

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

/* For slow bytes: at most one tick's worth of them, and a rest before each but the first. */
static bool rest(struct sending *s, uint64_t *n) {
  uint64_t tick = s->harm.rate > TICKS_A_SECOND ? s->harm.rate / TICKS_A_SECOND : 1;
  if (!s->rested && waits_sleep(s->waits, s->connection, (int64_t)(tick * 1000 / s->harm.rate))) {
    s->rested = true;
    return true;
  }
  s->rested = false;
  *n = least(*n, tick);
  return false;
}

/* libmicrohttpd would end the connection in order; connecting to nowhere resets it. */
static void reset(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
  if (info)
    connect(info->connect_fd, &nowhere, sizeof nowhere);
}

static ssize_t read_some(void *context, uint64_t at, char *to, size_t size) {
  struct sending *s = context;
  if (at >= s->harm.cut_at && s->harm.reset)
    reset(s->connection);
  if (at >= s->harm.cut_at || at >= s->body.length)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  if (at >= s->harm.hang_at)
    return !s->rested && (s->rested = waits_sleep(s->waits, s->connection, HANG_MS))
               ? 0
               : MHD_CONTENT_READER_END_WITH_ERROR;
  uint64_t n = least(size, least(s->harm.cut_at, s->harm.hang_at) - at);
  if (s->harm.rate != UINT64_MAX && rest(s, &n))
    return 0;
  int64_t got = body_read(&s->body, at, to, (size_t)n);
  if (got > 0 && s->harm.flip_at >= at && s->harm.flip_at - at < (uint64_t)got)
    to[s->harm.flip_at - at] ^= 1;
  return got > 0 ? (ssize_t)got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void free_sending(void *context) {
  struct sending *s = context;
  body_finish(&s->body);
  free(s);
}

static struct MHD_Response *piecewise(struct request *r) {
  struct sending *s = malloc(sizeof *s);
  if (!s)
    return NULL;
  *s = (struct sending){r->answer.body, r->harm, r->server->waits, r->connection, false};
  uint64_t size = r->harm.promise != UINT64_MAX ? r->harm.promise : s->body.length;
  struct MHD_Response *response = MHD_create_response_from_callback(size, BLOCK, read_some, s, free_sending);
  if (!response)
    free(s);
  return response;
}

/* On success the body belongs to the response. */
static struct MHD_Response *make_response(struct request *r) {
  const struct body *b = &r->answer.body;
  const struct harm *h = &r->harm;
  bool harmed = (h->cut_at & h->hang_at & h->promise & h->rate & h->flip_at) != UINT64_MAX;
  if (b->length == 0) {
    body_finish(&r->answer.body);
    return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
  }
  if (harmed || b->kind == BODY_SYNTHETIC)
    return piecewise(r);
  if (b->kind == BODY_FILE)
    return MHD_create_response_from_fd_at_offset64(b->length, b->fd, b->offset);
  return MHD_create_response_from_buffer((size_t)b->length, b->text, MHD_RESPMEM_MUST_FREE);
}

static void put_headers(struct request *r, struct MHD_Response *response) {
  char date[CLOCK_TEXT], host[65];
  clock_http(r->now, date);
  for (int i = 0; i < 4; i++)
    memcpy(host + 16 * i, r->id, 17);
  MHD_add_response_header(response, "Date", date);
  MHD_add_response_header(response, "x-amz-request-id", r->id);
  MHD_add_response_header(response, "x-amz-id-2", host);
  MHD_add_response_header(response, "Server", "s3d");
  for (size_t i = 0; i < r->answer.header_count; i++)
    MHD_add_response_header(response, r->answer.headers[i].name, r->answer.headers[i].value);
}

enum MHD_Result send_answer(struct request *r) {
  struct MHD_Response *response = make_response(r);
  if (!response)
    return MHD_NO;
  r->answer.body = (struct body){.kind = BODY_NONE, .fd = -1};
  put_headers(r, response);
  enum MHD_Result result = MHD_queue_response(r->connection, r->answer.status, response);
  MHD_destroy_response(response);
  return result;
}
