/* A whole record: a JSON line; and room and refusals. */
#include "core/encode/program.h"

enum { MAX_RECORD = 256 << 20 };

int encode_reject(struct encoder *e, const struct node *node, const char *reason) {
  e->blame = node;
  snprintf(e->reason, sizeof e->reason, "%s", reason);
  return ENCODE_REJECT;
}

int encode_grow(struct encoder *e, size_t n) {
  size_t used = e->out.data ? (size_t)(e->at - (char *)e->out.data) : 0;
  if (n > MAX_RECORD || used - e->row_start > MAX_RECORD - n)
    return encode_reject(e, NULL, "record is larger than 256 MiB as text");
  e->out.size = used;
  if (sluice_buffer_reserve(&e->out, n + e->slack) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  e->at = (char *)e->out.data + used;
  e->end = (char *)e->out.data + e->out.capacity;
  return SLUICE_OK;
}

int row_write_json(struct encoder *e, int64_t i) {
  struct node *record = e->nodes;
  int rc = room_for(e, 0);
  if (rc != SLUICE_OK)
    return rc;
  if (node_null(record, i + record->offset))
    return encode_reject(e, NULL, "the record as a whole is null");
  rc = record->write(e, record, i + record->offset);
  if (rc == SLUICE_OK && e->line_ends)
    put_char(e, '\n');
  return rc;
}
