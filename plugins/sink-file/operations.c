/* The member goes before the brace that ends a line. */
#include "operations.h"

static const char *const names[] = {"insert", "update", "delete"};

int operations_check(const char *member, const struct ArrowSchema *schema, struct sluice_error *err) {
  bool plain = member[0] != 0;
  for (const char *c = member; *c; c++)
    plain = plain && *c >= ' ' && *c < 0x7f && *c != '"' && *c != '\\';
  if (!plain || strlen(member) > 200)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "operation_column",
                       "\"%.200s\" is no name for a column; use letters, digits and _", member);
  if (schema && sluice_schema_find(schema, member) >= 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "operation_column",
                       "the records have a column \"%s\" already; choose another name", member);
  return SLUICE_OK;
}

int operations_refuse(const struct sluice_batch *batch, const char *path, struct sluice_error *err) {
  for (int64_t i = 0; batch->ops && i < batch->array.length; i++)
    if (batch->ops[i] != SLUICE_OP_INSERT)
      return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, path,
                         "a record is to be %s, and a file only gets longer; set operation_column to write what is to "
                         "be done with each record",
                         batch->ops[i] == SLUICE_OP_UPDATE ? "updated" : "deleted");
  return SLUICE_OK;
}

static int append_line(struct sluice_buffer *out, const uint8_t *line, size_t n, const char *member, const char *name) {
  char tail[256];
  int size = snprintf(tail, sizeof tail, "%s\"%s\":\"%s\"}\n", n > 3 ? "," : "", member, name); /* {} needs no comma */
  int rc = sluice_buffer_append(out, line, n - 2);
  return rc == SLUICE_OK ? sluice_buffer_append(out, tail, (size_t)size) : rc;
}

int operations_append(struct sluice_buffer *out, const struct sluice_encoded *encoded, const struct sluice_batch *batch,
                      const char *member) {
  size_t start = 0, before = out->size;
  int rc = SLUICE_OK;
  for (int64_t i = 0; i < encoded->rows && rc == SLUICE_OK; start = encoded->ends[i++]) {
    size_t n = encoded->ends[i] - start;
    unsigned op = batch->ops ? batch->ops[i] : SLUICE_OP_INSERT;
    if (n > 2) /* a rejected record has no line */
      rc = append_line(out, encoded->data + start, n, member, names[op <= SLUICE_OP_DELETE ? op : 0]);
  }
  if (rc != SLUICE_OK)
    out->size = before;
  return rc;
}
