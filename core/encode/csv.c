/* CSV (RFC 4180): an empty cell is a null, "" is empty text (of a record of one column a null, too, for else its line
 * would be empty), nested values are JSON in a cell. */
#include "core/encode/encode.h"
#include "core/encode/program.h"

static int write_cell(struct encoder *e, struct node *n, int64_t i);

static int write_cell_bytes(struct encoder *e, struct node *n, int64_t i) {
  const uint8_t *bytes = NULL;
  size_t size = 0;
  int rc = node_bytes(e, n, i, &bytes, &size);
  if (rc != SLUICE_OK)
    return rc;
  return n->kind == NODE_TEXT || size == 0 ? write_cell_text(e, n, bytes, size) : write_base64(e, bytes, size);
}

static int write_cell_json(struct encoder *e, struct node *n, int64_t i) {
  size_t before = (size_t)(e->at - (char *)e->out.data);
  int rc = n->write(e, n, i);
  if (rc != SLUICE_OK)
    return rc;
  return write_quoted_again(e, (size_t)(e->at - (char *)e->out.data) - before);
}

/* What most readers of CSV take for such a number. */
static const char *short_name(const struct node *n, int64_t i) {
  const char *name = real_name(n, i);
  return name[0] == 'N' ? name : name[0] == '-' ? "-inf" : "inf";
}

static int write_cell_real(struct encoder *e, const struct node *n, int64_t i) {
  size_t size = n->print(n, i, e->at);
  e->at += size;
  if (size || e->nan_null)
    return SLUICE_OK;
  const char *name = e->nan_text ? real_name(n, i) : short_name(n, i);
  put(e, name, strlen(name));
  return SLUICE_OK;
}

static int write_cell_elsewhere(struct encoder *e, struct node *n, int64_t i) {
  struct node *to = NULL;
  int64_t j = 0;
  int rc = n->step(e, n, i, &to, &j);
  return rc == SLUICE_OK ? write_cell(e, to, j) : rc;
}

static int write_cell(struct encoder *e, struct node *n, int64_t i) {
  i += n->offset;
  if (node_null(n, i))
    return SLUICE_OK;
  switch (n->kind) {
  case NODE_PLAIN:
  case NODE_QUOTED:
    e->at += n->print(n, i, e->at);
    return SLUICE_OK;
  case NODE_REAL:
    return write_cell_real(e, n, i);
  case NODE_TEXT:
  case NODE_BINARY:
    return write_cell_bytes(e, n, i);
  case NODE_NESTED:
    return write_cell_json(e, n, i);
  case NODE_INDIRECT:
    return write_cell_elsewhere(e, n, i);
  default:
    return SLUICE_OK;
  }
}

int row_write_csv(struct encoder *e, int64_t i) {
  struct node *record = e->nodes;
  int rc = room_for(e, 0);
  if (rc != SLUICE_OK)
    return rc;
  if (node_null(record, i + record->offset))
    return encode_reject(e, NULL, "the record as a whole is null");
  for (int64_t c = 0; c < record->n_children; c++) {
    if (c)
      put_char(e, ',');
    rc = write_cell(e, record->children + c, i + record->offset);
    if (rc != SLUICE_OK)
      return rc;
  }
  /* An empty line is no record to most readers. */
  if ((size_t)(e->at - (char *)e->out.data) == e->row_start)
    put(e, "\"\"", 2);
  put(e, "\r\n", 2);
  return SLUICE_OK;
}

int encode_csv_header(const struct ArrowSchema *schema, struct sluice_buffer *out, struct sluice_error *err) {
  struct encoder e = {0};
  int rc = SLUICE_OK;
  struct node node = {.path = (char *)"header"};
  e.slack = 64;
  rc = room_for(&e, 0);
  for (int64_t c = 0; rc == SLUICE_OK && c < schema->n_children; c++) {
    const char *name = schema->children[c]->name ? schema->children[c]->name : "";
    rc = room_for(&e, 1);
    if (rc == SLUICE_OK && c)
      put_char(&e, ',');
    if (rc == SLUICE_OK)
      rc = write_cell_text(&e, &node, (const uint8_t *)name, strlen(name));
  }
  if (rc == SLUICE_OK) {
    put(&e, "\r\n", 2);
    rc = sluice_buffer_append(out, e.out.data, (size_t)(e.at - (char *)e.out.data));
  }
  sluice_buffer_free(&e.out);
  return rc == ENCODE_REJECT ? sluice_fail(err, SLUICE_ERR_DATA, "header", "the name of a column: %s", e.reason) : rc;
}
