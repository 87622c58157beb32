/* A value as JSON text: what columns cannot hold, such as a type within itself. */
#include "text.h"

static const uint8_t *put(struct avro_text *t, const struct avro_node *node, const uint8_t *p, int depth);

static const uint8_t *put_long(struct avro_text *t, const struct avro_node *node, const uint8_t *p) {
  int64_t value;
  p = avro_long(t->run, p, &value);
  if (p > t->run->end)
    return p;
  if (node->writer->kind == AVRO_INT && value != (int32_t)value)
    avro_run_fault(t->run, t->column, "%lld does not fit an int", (long long)value);
  if (node->reader->kind == AVRO_FLOAT)
    avro_text_float(t, (float)value);
  else if (node->reader->kind == AVRO_DOUBLE)
    avro_text_double(t, (double)value);
  else
    avro_text_long(t, node->reader, value);
  return p;
}

static const uint8_t *put_real(struct avro_text *t, const struct avro_node *node, const uint8_t *p) {
  float narrow;
  double wide;
  memcpy(&narrow, p, sizeof narrow);
  memcpy(&wide, p, sizeof wide);
  if (node->writer->kind == AVRO_DOUBLE)
    avro_text_double(t, wide);
  else if (node->reader->kind == AVRO_DOUBLE)
    avro_text_double(t, narrow);
  else
    avro_text_float(t, narrow);
  return p + (node->writer->kind == AVRO_DOUBLE ? 8 : 4);
}

static const uint8_t *put_bytes(struct avro_text *t, const struct avro_node *node, const uint8_t *p) {
  int64_t n = node->writer->size;
  if (node->writer->kind != AVRO_FIXED)
    p = avro_length(t->run, p, t->run->end, &n);
  if (p > t->run->end)
    return p;
  if (n > t->run->end - p)
    return avro_run_break(t->run, SLUICE_ERR_DATA, "a fixed value that leads past the end of the block");
  avro_text_bytes(t, node->writer, node->reader, p, (size_t)n);
  return p + n;
}

static const uint8_t *put_symbol(struct avro_text *t, const struct avro_node *node, const uint8_t *p) {
  int64_t value;
  p = avro_long(t->run, p, &value);
  int32_t index = value < 0 || value >= node->count ? -1 : node->targets[value];
  const char *symbol = index < 0 ? "" : node->reader->symbols[index];
  if (index < 0)
    avro_run_fault(t->run, t->column, "%lld is no symbol of the enum", (long long)value);
  avro_text_quote(t, symbol, strlen(symbol));
  return p;
}

static const uint8_t *put_key(struct avro_text *t, const uint8_t *p) {
  int64_t n;
  p = avro_length(t->run, p, t->run->end, &n);
  if (p > t->run->end)
    return p;
  avro_text_quote(t, p, (size_t)n);
  avro_text_add(t, ":");
  return p + n;
}

static const uint8_t *put_items(struct avro_text *t, const struct avro_node *node, const uint8_t *p, int depth) {
  bool map = node->writer->kind == AVRO_MAP, first = true;
  int64_t least = avro_type_least(node->writer->types[0]) + map, count = 0, size;
  avro_text_add(t, map ? "{" : "[");
  for (;;) {
    p = avro_items_begin(t->run, p, least, &count, &size);
    if (p > t->run->end || count == 0)
      break;
    for (; count > 0 && p <= t->run->end && !t->failed; count--, first = false) {
      if (!first)
        avro_text_add(t, ",");
      if (map)
        p = put_key(t, p);
      if (p <= t->run->end)
        p = put(t, node->children[0], p, depth);
    }
    if (p > t->run->end || t->failed)
      break;
  }
  avro_text_add(t, map ? "}" : "]");
  return p;
}

static void put_name(struct avro_text *t, const char *name, bool *first) {
  if (!*first)
    avro_text_add(t, ",");
  *first = false;
  avro_text_quote(t, name, strlen(name));
  avro_text_add(t, ":");
}

static bool put_default(struct avro_text *t, const struct avro_fallback *fallback, int depth) {
  const uint8_t *end = t->run->end;
  t->run->end = fallback->data + fallback->size;
  bool good = put(t, fallback->node, fallback->data, depth) <= t->run->end;
  t->run->end = end;
  return good;
}

static const uint8_t *put_record(struct avro_text *t, const struct avro_node *node, const uint8_t *p, int depth) {
  bool first = true;
  avro_text_add(t, "{");
  for (uint32_t i = 0; i < node->count && p <= t->run->end; i++) {
    if (node->targets[i] < 0) {
      p = avro_skip(t->run, node->writer->fields[i].type, p, depth);
      continue;
    }
    put_name(t, node->reader->fields[node->targets[i]].name, &first);
    p = put(t, node->children[i], p, depth);
  }
  for (uint32_t i = 0; i < node->missing && p <= t->run->end; i++) {
    put_name(t, node->reader->fields[node->fallbacks[i].field].name, &first);
    if (!put_default(t, &node->fallbacks[i], depth))
      return avro_run_break(t->run, SLUICE_ERR_DATA, "a default that cannot be read");
  }
  avro_text_add(t, "}");
  return p;
}

static const uint8_t *put_union(struct avro_text *t, const struct avro_node *node, const uint8_t *p, int depth) {
  int64_t branch;
  p = avro_long(t->run, p, &branch);
  if (p > t->run->end)
    return p;
  if ((uint64_t)branch >= node->count)
    return avro_run_break(t->run, SLUICE_ERR_DATA, "a union's number is beyond its types");
  return put(t, node->children[branch], p, depth);
}

static const uint8_t *put_value(struct avro_text *t, const struct avro_node *node, const uint8_t *p, int depth) {
  switch (node->writer->kind) {
  case AVRO_NULL:
    avro_text_add(t, "null");
    return p;
  case AVRO_BOOLEAN:
    if (*p > 1)
      avro_run_fault(t->run, t->column, "a boolean is neither 0 nor 1");
    avro_text_add(t, *p ? "true" : "false");
    return p + 1;
  case AVRO_INT:
  case AVRO_LONG:
    return put_long(t, node, p);
  case AVRO_FLOAT:
  case AVRO_DOUBLE:
    return put_real(t, node, p);
  case AVRO_ENUM:
    return put_symbol(t, node, p);
  case AVRO_ARRAY:
  case AVRO_MAP:
    return put_items(t, node, p, depth);
  case AVRO_RECORD:
    return put_record(t, node, p, depth);
  default:
    return put_bytes(t, node, p);
  }
}

static const uint8_t *put(struct avro_text *t, const struct avro_node *node, const uint8_t *p, int depth) {
  if (depth >= AVRO_MAX_NESTING)
    return avro_run_break(t->run, SLUICE_ERR_DATA, "values nested deeper than is taken");
  if (t->failed)
    return t->run->end + 1;
  switch (node->how) {
  case AVRO_NODE_UNION:
    return put_union(t, node, p, depth + 1);
  case AVRO_NODE_PUT:
    return put(t, node->children[0], p, depth + 1);
  case AVRO_NODE_NONE:
    avro_run_fault(t->run, t->column, "%.200s", node->reason);
    return avro_skip(t->run, node->writer, p, depth + 1);
  default:
    return put_value(t, node, p, depth + 1);
  }
}

const uint8_t *avro_json_put(struct avro_run *r, const struct avro_op *op, const uint8_t *p, int64_t i) {
  struct avro_text t = {.run = r, .column = op->column};
  size_t before = op->column->bytes.size;
  p = put(&t, op->of.node, p, 0);
  op->column->offsets[i + 1] = (int32_t)op->column->bytes.size;
  r->extra += (int64_t)(op->column->bytes.size - before);
  return t.failed ? r->end + 1 : p;
}
