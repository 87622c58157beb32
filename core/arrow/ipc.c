/* The IPC stream writer: messages one after the other, dictionaries before the batches that need them. */
#include "ipc.h"
#include <stdlib.h>

struct sluice_ipc_writer {
  struct ArrowSchema schema;
  sluice_write_fn *write;
  void *context;
  struct flat flat;
  struct ipc_body body;
  struct sluice_buffer *sent; /* the content of each dictionary as it was sent last; no capacity: never */
  int64_t n_dictionaries;
};

void sluice_ipc_destroy(struct sluice_ipc_writer *w) {
  if (!w)
    return;
  sluice_schema_release(&w->schema);
  flat_free(&w->flat);
  ipc_body_free(&w->body);
  for (int64_t i = 0; w->sent && i < w->n_dictionaries; i++)
    sluice_buffer_free(&w->sent[i]);
  free(w->sent);
  free(w);
}

static int no_memory(struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for an Arrow message");
}

static int put_zeros(struct sluice_ipc_writer *w, size_t n, struct sluice_error *err) {
  static const uint8_t zeros[IPC_ALIGN];
  return n ? w->write(w->context, zeros, n, err) : SLUICE_OK;
}

/* Marker, length, Message table: padded so that the body behind it is aligned in the stream. */
static int put_message(struct sluice_ipc_writer *w, int header_type, size_t header, int64_t body,
                       struct sluice_error *err) {
  enum { VERSION_5 = 4, PREFIX = 8 };
  struct flat *f = &w->flat;
  size_t size;
  flat_open(f);
  flat_number(f, 3, body, 8);
  flat_reference(f, 2, header);
  flat_number(f, 0, VERSION_5, 2);
  flat_number(f, 1, header_type, 1);
  const uint8_t *message = flat_finish(f, flat_close(f, 4), &size);
  if (!message)
    return no_memory(err);
  size_t padding = ipc_padding((int64_t)(PREFIX + size));
  uint32_t prefix[2] = {0xffffffff, (uint32_t)(size + padding)};
  int status = w->write(w->context, prefix, sizeof prefix, err);
  if (status == SLUICE_OK)
    status = w->write(w->context, message, size, err);
  return status == SLUICE_OK ? put_zeros(w, padding, err) : status;
}

static int put_body(struct sluice_ipc_writer *w, struct sluice_error *err) {
  size_t n;
  const struct piece *pieces = ipc_pieces(&w->body, &n);
  int status = SLUICE_OK;
  for (size_t i = 0; status == SLUICE_OK && i < n; i++) {
    if (pieces[i].size)
      status = w->write(w->context, pieces[i].data, (size_t)pieces[i].size, err);
    if (status == SLUICE_OK)
      status = put_zeros(w, ipc_padding(pieces[i].size), err);
  }
  return status;
}

static int64_t count_dictionaries(const struct ArrowSchema *schema) {
  int64_t n = schema->dictionary ? 1 + count_dictionaries(schema->dictionary) : 0;
  for (int64_t i = 0; i < schema->n_children; i++)
    n += count_dictionaries(schema->children[i]);
  return n;
}

/* A dictionary whose values are themselves indexes has no form in the stream. */
static bool has_form(const struct ArrowSchema *schema) {
  if (schema->dictionary)
    return !schema->dictionary->dictionary && has_form(schema->dictionary);
  for (int64_t i = 0; i < schema->n_children; i++)
    if (!has_form(schema->children[i]))
      return false;
  return true;
}

static int check_schema(const struct ArrowSchema *schema, struct sluice_error *err) {
  int status = sluice_schema_validate(schema, err);
  if (status != SLUICE_OK)
    return status;
  if (strcmp(schema->format, "+s") != 0)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, schema->name,
                       "an Arrow stream is of records: a struct, not \"%.64s\"", schema->format);
  if (!has_form(schema))
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, schema->name, "a dictionary directly in a dictionary");
  return SLUICE_OK;
}

static int prepare(struct sluice_ipc_writer *w, const struct ArrowSchema *schema, struct sluice_error *err) {
  w->n_dictionaries = count_dictionaries(schema);
  w->sent = calloc((size_t)w->n_dictionaries + 1, sizeof *w->sent);
  if (!w->sent || sluice_schema_copy(schema, &w->schema) != SLUICE_OK)
    return no_memory(err);
  return put_message(w, IPC_SCHEMA, ipc_schema(&w->flat, schema), 0, err);
}

int sluice_ipc_create(const struct ArrowSchema *schema, sluice_write_fn *write, void *context,
                      struct sluice_ipc_writer **out, struct sluice_error *err) {
  int status = check_schema(schema, err);
  if (status != SLUICE_OK)
    return status;
  struct sluice_ipc_writer *w = calloc(1, sizeof *w);
  if (!w)
    return no_memory(err);
  w->write = write;
  w->context = context;
  status = prepare(w, schema, err);
  if (status != SLUICE_OK) {
    sluice_ipc_destroy(w);
    return status;
  }
  *out = w;
  return SLUICE_OK;
}

/* Nodes and pieces one after the other: what a change is seen by. */
static int flatten(const struct ipc_body *body, struct sluice_buffer *out) {
  size_t n;
  const struct piece *pieces = ipc_pieces(body, &n);
  out->limit = SIZE_MAX;
  int status = sluice_buffer_append(out, body->nodes.data, body->nodes.size);
  for (size_t i = 0; status == SLUICE_OK && i < n; i++) {
    status = sluice_buffer_append(out, &pieces[i].size, sizeof pieces[i].size);
    if (status == SLUICE_OK)
      status = sluice_buffer_append(out, pieces[i].data, (size_t)pieces[i].size);
  }
  return status;
}

static bool same_content(const struct sluice_buffer *a, const struct sluice_buffer *b) {
  return a->capacity > 0 && a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static int put_dictionary(struct sluice_ipc_writer *w, int64_t id, int64_t length, struct sluice_error *err) {
  flat_reset(&w->flat);
  size_t data = ipc_batch(&w->flat, &w->body, length);
  flat_open(&w->flat);
  flat_number(&w->flat, 0, id, 8);
  flat_reference(&w->flat, 1, data);
  flat_number(&w->flat, 2, 0, 1);
  size_t header = flat_close(&w->flat, 3);
  int status = put_message(w, IPC_DICTIONARY, header, ipc_body_size(&w->body), err);
  return status == SLUICE_OK ? put_body(w, err) : status;
}

/* Sends one dictionary if it is new or has changed, or if one within it was sent. */
static int send_dictionary(struct sluice_ipc_writer *w, const struct ArrowSchema *schema,
                           const struct ArrowArray *array, int64_t id, bool *sent, struct sluice_error *err) {
  struct sluice_buffer content = {0};
  ipc_body_reset(&w->body);
  int status = ipc_body_add(&w->body, schema, array, 0, array->length);
  if (status == SLUICE_OK)
    status = flatten(&w->body, &content);
  if (status != SLUICE_OK)
    no_memory(err);
  if (status == SLUICE_OK && (*sent || !same_content(&w->sent[id], &content))) {
    status = put_dictionary(w, id, array->length, err);
    sluice_buffer_free(&w->sent[id]);
    if (status == SLUICE_OK) {
      w->sent[id] = content;
      content = (struct sluice_buffer){0};
    }
    *sent = true;
  }
  sluice_buffer_free(&content);
  return status;
}

/* In the order in which ipc_schema numbers them; a dictionary's own dictionaries are sent before it. */
static int send_dictionaries(struct sluice_ipc_writer *w, const struct ArrowSchema *schema,
                             const struct ArrowArray *array, int64_t *next_id, bool *sent, struct sluice_error *err) {
  int status = SLUICE_OK;
  if (schema->dictionary) {
    bool within = false;
    int64_t id = (*next_id)++;
    status = send_dictionaries(w, schema->dictionary, array->dictionary, next_id, &within, err);
    if (status == SLUICE_OK)
      status = send_dictionary(w, schema->dictionary, array->dictionary, id, &within, err);
    *sent |= within;
  }
  for (int64_t i = 0; status == SLUICE_OK && i < schema->n_children; i++)
    status = send_dictionaries(w, schema->children[i], array->children[i], next_id, sent, err);
  return status;
}

static int check_batch(const struct sluice_ipc_writer *w, const struct ArrowArray *batch, struct sluice_error *err) {
  int status = sluice_array_validate(&w->schema, batch, SLUICE_CHECK_SHAPE, err);
  if (status != SLUICE_OK)
    return status;
  if (array_nulls(batch) == 0)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, w->schema.name, "a whole record is null, which a stream cannot say");
}

int sluice_ipc_write(struct sluice_ipc_writer *w, const struct ArrowArray *batch, struct sluice_error *err) {
  int64_t next_id = 0;
  bool sent = false;
  int status = check_batch(w, batch, err);
  if (status == SLUICE_OK)
    status = send_dictionaries(w, &w->schema, batch, &next_id, &sent, err);
  if (status != SLUICE_OK)
    return status;
  ipc_body_reset(&w->body);
  for (int64_t i = 0; status == SLUICE_OK && i < batch->n_children; i++)
    status = ipc_body_add(&w->body, w->schema.children[i], batch->children[i], batch->offset, batch->length);
  if (status != SLUICE_OK)
    return no_memory(err);
  flat_reset(&w->flat);
  size_t header = ipc_batch(&w->flat, &w->body, batch->length);
  status = put_message(w, IPC_RECORDS, header, ipc_body_size(&w->body), err);
  if (status == SLUICE_OK)
    status = put_body(w, err);
  ipc_body_reset(&w->body);
  return status;
}

int sluice_ipc_finish(struct sluice_ipc_writer *w, struct sluice_error *err) {
  static const uint32_t end[2] = {0xffffffff, 0};
  return w->write(w->context, end, sizeof end, err);
}
