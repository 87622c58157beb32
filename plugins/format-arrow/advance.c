/* From one record batch to the next, taking in dictionaries on the way. */
#include "claims.h"
#include "reader.h"

void arrow_reader_forget(struct arrow_reader *r) {
  for (int64_t i = 0; r->columns && i < r->file.fields.root.n_children; i++) {
    sluice_array_release(&r->columns[i]);
    memset(&r->columns[i], 0, sizeof r->columns[i]);
  }
  r->rows = r->at = 0;
}

static int no_memory(const struct arrow_reader *r, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, r->part, "no memory for the record batch at byte %lld",
                     (long long)r->current.offset);
}

static int prove(struct arrow_reader *r, const struct arrow_batch *b, struct sluice_error *err) {
  struct ArrowSchema schema = {.format = "+s", .name = "", .n_children = r->n_wanted};
  struct ArrowSchema *fields[1];
  const void *validity[1] = {NULL};
  int rc = SLUICE_OK;
  for (int64_t i = 0; rc == SLUICE_OK && i < r->n_wanted; i++) {
    struct ArrowArray *array[1] = {r->arrays[i]};
    memcpy(&fields[0], &r->schemas[i], sizeof fields[0]); /* C Data has no const children */
    schema.n_children = 1;
    schema.children = fields;
    struct ArrowArray root = {
        .length = b->length, .n_buffers = 1, .n_children = 1, .buffers = validity, .children = array};
    rc = arrow_validate(&r->loader, &schema, &root, b->message->offset, err);
  }
  return rc;
}

static int share(struct arrow_reader *r, struct sluice_error *err) {
  for (int64_t i = 0; i < r->n_wanted; i++)
    if (sluice_array_share(r->arrays[i]) != SLUICE_OK)
      return no_memory(r, err);
  return SLUICE_OK;
}

static int load(struct arrow_reader *r, struct arrow_message *m, struct sluice_error *err) {
  const struct arrow_field *root = &r->file.fields.root;
  const struct ArrowSchema *const *schemas = (const struct ArrowSchema *const *)r->file.fields.schema.children;
  struct arrow_batch batch;
  int rc = arrow_batch_open(&r->loader, m, &m->header, root->children, root->n_children, &batch, err);
  if (rc)
    return rc;
  rc = arrow_batch_load(&r->loader, &batch, root->children, schemas, root->n_children, r->columns, err);
  if (rc == SLUICE_OK)
    rc = arrow_claim_end(&r->loader, &batch, err);
  if (rc == SLUICE_OK)
    rc = arrow_claim_rows(&r->loader, &batch, err);
  if (rc == SLUICE_OK)
    rc = prove(r, &batch, err);
  if (rc == SLUICE_OK)
    rc = share(r, err);
  if (rc == SLUICE_OK && r->skip > batch.length)
    rc = sluice_fail(err, SLUICE_ERR_CHANGED, r->part, "it has not the rows any more where reading stopped before");
  r->rows = batch.length;
  arrow_batch_finish(&batch);
  if (rc) {
    arrow_reader_forget(r);
    return rc;
  }
  r->at = r->skip;
  r->skip = 0;
  return SLUICE_OK;
}

/* ---- dictionaries in front ---- */

static int add_indexed(struct arrow_reader *r, struct sluice_error *err) {
  int rc = SLUICE_OK;
  for (int64_t i = 0; rc == SLUICE_OK && i < r->file.n_dictionaries; i++) {
    const struct arrow_block *b = &r->file.dictionaries[i];
    struct arrow_message m;
    rc = arrow_message_read_block(&r->loader.source, b->offset, b->head, b->body, &m, err);
    if (rc)
      break;
    if (m.kind != ARROW_DICTIONARY) {
      rc = arrow_message_fail(&r->loader.source, &m, "the index says that it is a dictionary", err);
      arrow_message_finish(&m);
    } else {
      rc = arrow_dictionary_add(&r->loader, &m, err);
    }
  }
  return rc;
}

/* Those of a stream before the place where this reader begins. */
static int add_earlier(struct arrow_reader *r, struct sluice_error *err) {
  int64_t offset = r->file.first;
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK && offset < r->next.offset) {
    struct arrow_message m;
    if (r->format->host->cancelled(r->format->host))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, r->part, "cancelled");
    rc = arrow_message_read(&r->loader.source, offset, &m, err);
    if (rc)
      break;
    offset = m.next;
    if (m.kind == ARROW_DICTIONARY)
      rc = arrow_dictionary_add(&r->loader, &m, err);
    else
      arrow_message_finish(&m);
  }
  return rc == SLUICE_END ? sluice_fail(err, SLUICE_ERR_CHANGED, r->part, "it ends before the place to read on from")
                          : rc;
}

static int start(struct arrow_reader *r, struct sluice_error *err) {
  int rc = SLUICE_OK;
  if (r->started)
    return rc;
  if (r->file.indexed)
    arrow_dictionaries_forbid_replacement(r->loader.dictionaries);
  if (r->project.dictionaries && r->file.indexed)
    rc = add_indexed(r, err);
  else if (r->project.dictionaries)
    rc = add_earlier(r, err);
  r->started = rc == SLUICE_OK;
  return rc;
}

/* ---- record batches ---- */

static int step_indexed(struct arrow_reader *r, struct sluice_error *err) {
  struct arrow_message m;
  if (r->next.index >= r->file.n_batches || (r->stop.index > 0 && r->next.index >= r->stop.index))
    return SLUICE_END;
  const struct arrow_block *b = &r->file.batches[r->next.index];
  int rc = arrow_message_read_block(&r->loader.source, b->offset, b->head, b->body, &m, err);
  if (rc)
    return rc;
  r->current = (struct arrow_place){b->offset, r->next.index};
  if (m.kind != ARROW_RECORDS)
    rc = arrow_message_fail(&r->loader.source, &m, "the index says that it is a record batch", err);
  else
    rc = load(r, &m, err);
  arrow_message_finish(&m);
  if (rc)
    return rc;
  r->next.index++;
  r->next.offset =
      r->next.index < r->file.n_batches ? r->file.batches[r->next.index].offset : b->offset + b->head + b->body;
  return SLUICE_OK;
}

/* Bytes behind the end would be lost without a word: another stream may be there. */
static void tell_rest(const struct arrow_reader *r, int64_t end) {
  int64_t size = r->input.size;
  if (!r->file.broken && size > end)
    sluice_log(r->format->host, SLUICE_WARN, "%s: the stream ends at byte %lld; the %lld bytes behind it are not read",
               r->part, (long long)end, (long long)(size - end));
}

static int step_stream(struct arrow_reader *r, struct sluice_error *err) {
  struct arrow_message m;
  if (r->stop.offset > 0 && r->next.offset >= r->stop.offset)
    return SLUICE_END;
  int rc = arrow_message_read(&r->loader.source, r->next.offset, &m, err);
  if (rc == SLUICE_END)
    tell_rest(r, m.next);
  if (rc)
    return rc;
  int64_t next = m.next;
  r->current = (struct arrow_place){m.offset, 0};
  if (m.kind == ARROW_DICTIONARY) {
    rc = arrow_dictionary_add(&r->loader, &m, err);
  } else {
    rc = m.kind == ARROW_RECORDS ? load(r, &m, err)
                                 : arrow_message_fail(&r->loader.source, &m, "it is a second schema", err);
    arrow_message_finish(&m);
  }
  if (rc == SLUICE_OK)
    r->next.offset = next;
  return rc;
}

int arrow_reader_advance(struct arrow_reader *r, struct sluice_error *err) {
  arrow_reader_forget(r);
  int rc = start(r, err);
  while (rc == SLUICE_OK && r->at >= r->rows) {
    arrow_reader_forget(r);
    if (r->format->host->cancelled(r->format->host))
      return sluice_fail(err, SLUICE_ERR_CANCELLED, r->part, "cancelled");
    rc = r->file.indexed ? step_indexed(r, err) : step_stream(r, err);
  }
  return rc;
}
