/* From batches to requests. What a request holds depends on the batch and the options only, so that it can be repeated.
 *
 * Without keys, rows of one operation that follow each other share requests. With keys, requests of all three
 * operations are filled side by side; a row whose key is in another's request sends that one first. */
#include "fill.h"
#include <stdlib.h>

enum { PART_ROWS = 1024 /* encoded at a time; it has no influence on the cuts */ };

static int fail_memory(const struct filler *filler, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, filler->target->name, "no memory for a request");
}

/* ---- beginning a batch ---- */

static int op_of(const struct sluice_batch *batch, int64_t row) {
  return batch->ops ? batch->ops[row] : SLUICE_OP_INSERT;
}

static int check_ops(const struct filler *filler, const struct sluice_batch *batch, struct sluice_error *err) {
  for (int64_t i = 0; i < batch->array.length; i++) {
    int op = op_of(batch, i);
    if (op > SLUICE_OP_DELETE)
      return sluice_fail(err, SLUICE_ERR_BUG, filler->target->name, "record %lld has operation %d, which is none",
                         (long long)i, op);
    if (!filler->window->places.records[op])
      return target_refuses(filler->target, op, err);
  }
  return SLUICE_OK;
}

static int begin(struct filler *filler, const struct sluice_batch *batch, struct sluice_error *err) {
  if (filler->begun) {
    if (filler->mark.seq == batch->seq)
      return SLUICE_OK;
    return sluice_fail(err, SLUICE_ERR_BUG, filler->target->name, "batch %lld came before batch %lld was taken",
                       (long long)batch->seq, (long long)filler->mark.seq);
  }
  int status = check_ops(filler, batch, err);
  if (status != SLUICE_OK)
    return status;
  batch_mark_init(&filler->mark, batch, filler->window->written);
  memset(&filler->part, 0, sizeof filler->part);
  filler->part_first = filler->next = 0;
  filler->begun = true;
  return SLUICE_OK;
}

static int encode_more(struct filler *filler, const struct sluice_batch *batch, struct sluice_error *err) {
  if (filler->next < filler->part_first + filler->part.rows)
    return SLUICE_OK;
  int64_t first = filler->next, last = batch->array.length;
  if (last - first > PART_ROWS)
    last = first + PART_ROWS;
  struct sluice_encoded part = {0};
  int status = filler->encode->encode(filler->encoder, batch, first, last, filler->window->rejects, &part, err);
  if (status == SLUICE_OK && part.rows != last - first)
    status = sluice_fail(err, SLUICE_ERR_BUG, filler->target->name, "the encoder gave %lld of %lld rows",
                         (long long)part.rows, (long long)(last - first));
  if (status == SLUICE_OK)
    status = columns_encode(&filler->columns, batch, first, last, err);
  if (status != SLUICE_OK)
    return status;
  filler->part = part;
  filler->part_first = first;
  return SLUICE_OK;
}

/* ---- requests ---- */

static void put(struct filler *filler, int op) {
  struct request *request = filler->open[op].request;
  filler->open[op].request = NULL;
  if (request)
    window_put(filler->window, request);
}

/* Waits if the window is full, or says what failed. */
static int make_room(struct filler *filler, struct sluice_error *err) {
  struct window *window = filler->window;
  bool room = window->count <= window->slots && window->failure == SLUICE_OK;
  return room ? SLUICE_OK : window_wait(window, window->slots, err);
}

static uint64_t key_of(const struct filler *filler, int64_t row) {
  uint64_t hash = KEYSET_START;
  for (size_t i = 0; i < filler->key_count; i++)
    hash = columns_hash(&filler->columns, filler->keys[i], row - filler->part_first, hash);
  return hash;
}

/* Sends what has to be before the next row, which is of this operation. */
static void put_others(struct filler *filler, int op) {
  for (int other = 0; other < 3; other++) {
    const struct request *request = filler->open[other].request;
    if (other == op || !request)
      continue;
    if (filler->key_count == 0 || keyset_has(&request->keys, key_of(filler, filler->next)))
      put(filler, other);
  }
}

static int take(struct filler *filler, const struct sluice_batch *batch, int op) {
  struct filling *open = &filler->open[op];
  if (open->request)
    return SLUICE_OK;
  cut_restart(&open->cut);
  return window_take(filler->window, &filler->mark, batch->ops ? op : -1, &open->request);
}

struct url_row {
  const struct filler *filler;
  int op;
  int64_t row; /* in the part */
  size_t bad;  /* the value that cannot stand in a URL */
};
static int put_value(void *context, size_t i, struct sluice_buffer *out) {
  struct url_row *at = context;
  at->bad = i;
  return columns_put(&at->filler->columns, at->filler->url_columns[at->op][i], at->row, out);
}

static int reject_row(const struct filler *filler, const struct url_row *at, int why, struct sluice_error *err) {
  const struct endpoint *place = filler->window->places.records[at->op];
  char reason[ENDPOINT_NAME_SIZE + 128];
  if (why == SLUICE_ERR_NOT_FOUND)
    snprintf(reason, sizeof reason, "it is null, empty or a folder's name, and %s needs a value", place->name);
  else
    snprintf(reason, sizeof reason, "it is too long for %s", place->name);
  struct sluice_reject reject = {.struct_size = sizeof reject,
                                 .seq = filler->mark.seq,
                                 .row = filler->part_first + at->row,
                                 .offset = -1,
                                 .column = place->url.names[at->bad],
                                 .reason = reason};
  struct sluice_rejects *rejects = filler->window->rejects;
  if (rejects)
    return rejects->add(rejects, &reject, err);
  return sluice_fail(err, SLUICE_ERR_DATA, place->name, "column \"%s\": %s", reject.column, reason);
}

/* Makes the URL of a record; *sent: it is to be sent, and not rejected for a value that a URL cannot hold. */
static int make_url(struct filler *filler, int op, int64_t row, bool *sent, struct sluice_error *err) {
  struct request *request = filler->open[op].request;
  struct url_row at = {.filler = filler, .op = op, .row = row};
  *sent = true;
  if (request->place->url.count == 0)
    return SLUICE_OK;
  int status = url_template_fill(&request->place->url, put_value, &at, &request->url);
  if (status == SLUICE_OK)
    return SLUICE_OK;
  if (status == SLUICE_ERR_MEMORY)
    return fail_memory(filler, err);
  *sent = false;
  return reject_row(filler, &at, status, err);
}

/* ---- rows ---- */

static size_t size_of(const struct sluice_encoded *part, int64_t row) {
  return part->ends[row] - (row > 0 ? part->ends[row - 1] : 0);
}

/* Rows of the part from `from` on that go to this request in one piece; the row behind is another's. */
static int64_t run_end(struct filler *filler, const struct sluice_batch *batch, int op, int64_t from) {
  struct filling *open = &filler->open[op];
  bool single = filler->columns.count > 0; /* keys and URLs are looked at row by row */
  int64_t to = from;
  while (to < filler->part.rows && (to == from || !single) && op_of(batch, filler->part_first + to) == op &&
         cut_add(&open->cut, size_of(&filler->part, to)))
    to++;
  return to;
}

static int add_single(struct filler *filler, int op, int64_t row, struct sluice_error *err) {
  struct request *request = filler->open[op].request;
  bool sent = size_of(&filler->part, row) > 0;
  int status = sent ? make_url(filler, op, row, &sent, err) : SLUICE_OK;
  if (status != SLUICE_OK)
    return status;
  if (filler->key_count > 0 && !keyset_add(&request->keys, key_of(filler, filler->next)))
    return fail_memory(filler, err);
  status = sent ? body_append(&request->body, &filler->part, filler->part_first, row, row + 1)
                : body_skip(&request->body, filler->part_first + row);
  return status == SLUICE_OK ? SLUICE_OK : fail_memory(filler, err);
}

/* Adds rows to the request of this operation, or sends it because it is full. */
static int add_rows(struct filler *filler, const struct sluice_batch *batch, int op, struct sluice_error *err) {
  int64_t from = filler->next - filler->part_first, to = run_end(filler, batch, op, from);
  int status = SLUICE_OK;
  if (to == from) {
    put(filler, op);
    return make_room(filler, err);
  }
  if (filler->columns.count > 0)
    status = add_single(filler, op, from, err);
  else if (body_append(&filler->open[op].request->body, &filler->part, filler->part_first, from, to) != SLUICE_OK)
    status = fail_memory(filler, err);
  if (status == SLUICE_OK)
    filler->next += to - from;
  return status;
}

int filler_send(struct filler *filler, const struct sluice_batch *batch, struct sluice_error *err) {
  int status = begin(filler, batch, err);
  if (status == SLUICE_OK)
    status = window_wait(filler->window, filler->window->slots, err);
  while (status == SLUICE_OK && filler->next < batch->array.length) {
    int op = op_of(batch, filler->next);
    status = encode_more(filler, batch, err);
    if (status != SLUICE_OK)
      return status;
    put_others(filler, op);
    status = make_room(filler, err);
    if (status == SLUICE_OK && take(filler, batch, op) != SLUICE_OK)
      status = fail_memory(filler, err);
    if (status == SLUICE_OK)
      status = add_rows(filler, batch, op, err);
  }
  if (status != SLUICE_OK)
    return status;
  for (int op = 0; op < 3; op++) /* the next call waits for room, while the host reads on */
    put(filler, op);
  filler->begun = false;
  return SLUICE_OK;
}

/* ---- setting up ---- */

static int open_encoder(struct filler *filler, const struct ArrowSchema *schema, struct sluice_error *err) {
  const struct sluice_host *host = filler->target->host;
  filler->encode = host->service(host, SLUICE_ENCODE);
  if (!filler->encode)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, filler->target->name, "this host does not offer %s", SLUICE_ENCODE);
  columns_init(&filler->columns, filler->encode);
  const struct sluice_pair nan = {"nan", "string"};
  struct sluice_map options = {&nan, filler->target->options->nan == HTTP_NAN_STRING ? 1 : 0};
  return filler->encode->open("ndjson", &options, schema, &filler->encoder, err);
}

static int find_keys(struct filler *filler, const struct ArrowSchema *schema, struct sluice_error *err) {
  const struct sluice_list *key = &filler->target->options->key;
  int status = SLUICE_OK;
  if (key->count == 0)
    return SLUICE_OK;
  filler->keys = calloc(key->count, sizeof *filler->keys);
  if (!filler->keys)
    return fail_memory(filler, err);
  for (; filler->key_count < key->count && status == SLUICE_OK; filler->key_count++)
    status = columns_add(&filler->columns, schema, key->items[filler->key_count], "key",
                         &filler->keys[filler->key_count], err);
  return status;
}

static int find_url_columns(struct filler *filler, const struct ArrowSchema *schema, int op, struct sluice_error *err) {
  const struct endpoint *place = filler->window->places.records[op];
  int status = SLUICE_OK;
  for (size_t i = 0; place && i < place->url.count && status == SLUICE_OK; i++)
    status =
        columns_add(&filler->columns, schema, place->url.names[i], place->option, &filler->url_columns[op][i], err);
  return status;
}

int filler_init(struct filler *filler, const struct target *target, const struct ArrowSchema *schema,
                struct window *window, struct sluice_error *err) {
  const struct http_options *options = target->options;
  int64_t rows = options->body == HTTP_RECORD ? 1 : options->batch_rows;
  memset(filler, 0, sizeof *filler);
  filler->target = target;
  filler->window = window;
  for (int op = 0; op < 3; op++)
    cut_init(&filler->open[op].cut, rows, (size_t)options->batch_bytes, options->body == HTTP_JSON ? 1 : 0);
  int status = open_encoder(filler, schema, err);
  if (status == SLUICE_OK)
    status = find_keys(filler, schema, err);
  for (int op = 0; op < 3 && status == SLUICE_OK; op++)
    status = find_url_columns(filler, schema, op, err);
  if (status != SLUICE_OK)
    filler_finish(filler);
  return status;
}

void filler_finish(struct filler *filler) {
  for (int op = 0; op < 3; op++)
    request_destroy(filler->open[op].request);
  columns_finish(&filler->columns);
  free(filler->keys);
  if (filler->encoder)
    filler->encode->close(filler->encoder);
  memset(filler, 0, sizeof *filler);
}
