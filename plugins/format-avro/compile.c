/* Makes the program: the writer's schema in order, each value with the column that takes it or as something to skip. */
#include "layout.h"
#include "program.h"
#include <stdlib.h>

enum { MAX_OPS = 400 * 1000, MAX_INLINE = 8 };

struct compiling {
  struct avro_program *out;
  struct avro_columns *columns;
  const char *where;
  struct sluice_error *err;
  int depth;
};

static int compile(struct compiling *c, const struct avro_node *node, struct avro_column *column);

static int no_memory(const struct compiling *c) {
  return sluice_fail(c->err, SLUICE_ERR_MEMORY, c->where, "no memory for the schema's program");
}

static int emit(struct compiling *c, struct avro_op op) {
  struct avro_program *p = c->out;
  if (p->count >= MAX_OPS)
    return sluice_fail(c->err, SLUICE_ERR_UNSUPPORTED, c->where, "its schema is too large: over %d operations a record",
                       MAX_OPS);
  if (p->count == p->capacity) {
    uint32_t capacity = p->capacity ? p->capacity * 2 : 32;
    struct avro_op *ops = realloc(p->ops, capacity * sizeof *ops);
    if (!ops)
      return no_memory(c);
    p->ops = ops;
    p->capacity = capacity;
  }
  p->ops[p->count++] = op;
  return SLUICE_OK;
}

/* ---- skipping ---- */

static int skip_bytes(struct compiling *c, int64_t n) {
  return n ? emit(c, (struct avro_op){.code = AVRO_OP_SKIP_FIXED, .size = n}) : SLUICE_OK;
}

static int skip(struct compiling *c, const struct avro_type *w, int depth) {
  int code = SLUICE_OK;
  switch (w->kind) {
  case AVRO_NULL:
    return SLUICE_OK;
  case AVRO_BOOLEAN:
    return skip_bytes(c, 1);
  case AVRO_INT:
  case AVRO_LONG:
  case AVRO_ENUM:
    return emit(c, (struct avro_op){.code = AVRO_OP_SKIP_LONG});
  case AVRO_FLOAT:
    return skip_bytes(c, 4);
  case AVRO_DOUBLE:
    return skip_bytes(c, 8);
  case AVRO_BYTES:
  case AVRO_STRING:
    return emit(c, (struct avro_op){.code = AVRO_OP_SKIP_BYTES});
  case AVRO_FIXED:
    return skip_bytes(c, w->size);
  case AVRO_RECORD:
    if (depth >= MAX_INLINE || w->count > 1000)
      break;
    for (uint32_t i = 0; i < w->count && !code; i++)
      code = skip(c, w->fields[i].type, depth + (w->fields[i].type->kind == AVRO_RECORD ? MAX_INLINE / 2 : 1));
    return code;
  default:
    break;
  }
  return emit(c, (struct avro_op){.code = AVRO_OP_SKIP_TREE, .of.type = w});
}

/* ---- single values ---- */

static int compile_decimal(struct compiling *c, const struct avro_type *w, const struct avro_type *d,
                           struct avro_op op) {
  op.code = w->kind == AVRO_FIXED ? AVRO_OP_FIXED_DECIMAL : AVRO_OP_DECIMAL;
  op.of.spread = avro_decimal_spread(d->precision);
  return emit(c, op);
}

static int compile_number(struct compiling *c, const struct avro_type *w, const struct avro_type *d,
                          struct avro_op op) {
  bool whole = w->kind == AVRO_INT || w->kind == AVRO_LONG;
  if (w->kind == AVRO_BOOLEAN)
    op.code = AVRO_OP_BOOL;
  else if (d->kind == AVRO_FLOAT)
    op.code = whole ? AVRO_OP_LONG_FLOAT : AVRO_OP_WORD;
  else if (d->kind == AVRO_DOUBLE)
    op.code = whole ? AVRO_OP_LONG_DOUBLE : w->kind == AVRO_FLOAT ? AVRO_OP_FLOAT_DOUBLE : AVRO_OP_DOUBLE;
  else
    op.code = d->kind == AVRO_INT ? AVRO_OP_INT : AVRO_OP_LONG;
  return emit(c, op);
}

static int compile_fixed(struct compiling *c, const struct avro_type *d, struct avro_op op) {
  if (d->logical == AVRO_DURATION)
    op.code = AVRO_OP_DURATION;
  else if (d->logical == AVRO_UUID)
    op.code = AVRO_OP_UUID;
  else
    op.code = op.column->shape == AVRO_SHAPE_FIXED ? AVRO_OP_FIXED : AVRO_OP_FIXED_BYTES;
  return emit(c, op);
}

static int compile_leaf(struct compiling *c, const struct avro_node *node, struct avro_column *column) {
  const struct avro_type *w = node->writer, *d = node->reader;
  struct avro_op op = {.column = column, .size = w->size};
  if (d->logical == AVRO_DECIMAL)
    return compile_decimal(c, w, d, op);
  switch (w->kind) {
  case AVRO_NULL:
    return SLUICE_OK;
  case AVRO_BYTES:
  case AVRO_STRING:
    op.code = d->logical == AVRO_BIG_DECIMAL ? AVRO_OP_BIG_DECIMAL : AVRO_OP_BYTES;
    return emit(c, op);
  case AVRO_ENUM:
    op.code = AVRO_OP_ENUM;
    op.count = w->count;
    op.of.node = w == d ? NULL : node;
    return emit(c, op);
  case AVRO_FIXED:
    return compile_fixed(c, d, op);
  default:
    return compile_number(c, w, d, op);
  }
}

/* ---- values with values within ---- */

static int compile_fallback(struct compiling *c, const struct avro_fallback *fallback, struct avro_column *column) {
  int code = emit(c, (struct avro_op){.code = AVRO_OP_INPUT, .of.fallback = fallback});
  if (!code)
    code = compile(c, fallback->node, column);
  return code ? code : emit(c, (struct avro_op){.code = AVRO_OP_RESTORE});
}

static int compile_record(struct compiling *c, const struct avro_node *node, struct avro_column *column) {
  int code = SLUICE_OK;
  for (uint32_t i = 0; i < node->count && !code; i++) {
    struct avro_column *field = node->targets[i] < 0 ? NULL : column->fields[node->targets[i]];
    code = field ? compile(c, node->children[i], field) : skip(c, node->writer->fields[i].type, 0);
  }
  for (uint32_t i = 0; i < node->missing && !code; i++) {
    struct avro_column *field = column->fields[node->fallbacks[i].field];
    if (field)
      code = compile_fallback(c, &node->fallbacks[i], field);
  }
  return code;
}

static int compile_list(struct compiling *c, const struct avro_node *node, struct avro_column *column) {
  struct avro_column *item = column->children[0];
  bool map = node->writer->kind == AVRO_MAP;
  uint32_t begin = c->out->count;
  int code = emit(
      c,
      (struct avro_op){.code = AVRO_OP_LIST, .column = column, .size = avro_type_least(node->writer->types[0]) + map});
  if (!code && map) {
    code = emit(c, (struct avro_op){.code = AVRO_OP_BYTES, .column = item->children[0]});
    item = item->children[1];
  }
  if (!code)
    code = compile(c, node->children[0], item);
  if (!code)
    code = emit(c, (struct avro_op){.code = AVRO_OP_NEXT});
  if (!code)
    c->out->ops[begin].jump = c->out->count;
  return code;
}

/* ---- unions ---- */

/* Puts into a column for the reader's union: one that may be null, or a union's child. */
static int compile_put(struct compiling *c, const struct avro_node *node, struct avro_column *column) {
  bool nullable = false;
  const struct avro_type *branch = node->reader->types[node->branch];
  if (avro_union_only(node->reader, &nullable)) {
    if (branch->kind == AVRO_NULL && nullable)
      return emit(c, (struct avro_op){.code = AVRO_OP_NULL, .column = column});
    int code = column->nullable ? emit(c, (struct avro_op){.code = AVRO_OP_VALID, .column = column}) : SLUICE_OK;
    return code ? code : compile(c, node->children[0], column);
  }
  int code = emit(c, (struct avro_op){.code = AVRO_OP_ENTER, .column = column, .branch = (uint8_t)node->branch});
  if (!code)
    code = compile(c, node->children[0], column->children[node->branch]);
  return code ? code : emit(c, (struct avro_op){.code = AVRO_OP_LEAVE});
}

/* The writer's union of null and one more, for a column that may be null: -1, or which of the two is null. */
static int null_branch(const struct avro_node *node, const struct avro_column *column) {
  if (node->count != 2 || !column->nullable)
    return -1;
  for (int i = 0; i < 2; i++) {
    const struct avro_node *null = node->children[i], *other = node->children[1 - i];
    if (null->writer->kind == AVRO_NULL && null->how == AVRO_NODE_PUT && other->how == AVRO_NODE_PUT &&
        other->writer->kind != AVRO_NULL && null->reader->types[null->branch]->kind == AVRO_NULL)
      return i;
  }
  return -1;
}

static int compile_nullable(struct compiling *c, const struct avro_node *node, struct avro_column *column, int null) {
  uint32_t begin = c->out->count;
  int code = emit(c, (struct avro_op){.code = AVRO_OP_NULLABLE, .column = column, .branch = (uint8_t)null});
  if (!code)
    code = compile(c, node->children[1 - null]->children[0], column);
  if (!code)
    c->out->ops[begin].jump = c->out->count;
  return code;
}

static int compile_branches(struct compiling *c, const struct avro_node *node, struct avro_column *column,
                            uint32_t *targets, uint32_t *jumps) {
  int code = SLUICE_OK;
  for (uint32_t i = 0; i < node->count && !code; i++) {
    targets[i] = c->out->count;
    code = compile(c, node->children[i], column);
    jumps[i] = c->out->count;
    if (!code)
      code = emit(c, (struct avro_op){.code = AVRO_OP_JUMP});
  }
  for (uint32_t i = 0; i < node->count && !code; i++)
    c->out->ops[jumps[i]].jump = c->out->count;
  return code;
}

static int compile_union(struct compiling *c, const struct avro_node *node, struct avro_column *column) {
  int null = null_branch(node, column);
  if (null >= 0)
    return compile_nullable(c, node, column, null);
  uint32_t *targets = calloc((size_t)node->count + 1, sizeof *targets);
  uint32_t *jumps = calloc((size_t)node->count + 1, sizeof *jumps);
  int code = targets && jumps ? emit(c, (struct avro_op){.code = AVRO_OP_UNION, .count = node->count}) : no_memory(c);
  if (code)
    free(targets);
  else {
    c->out->ops[c->out->count - 1].of.targets = targets;
    code = compile_branches(c, node, column, targets, jumps);
  }
  free(jumps);
  return code;
}

/* ---- any value ---- */

static int compile_failure(struct compiling *c, const struct avro_node *node, struct avro_column *column) {
  int code = skip(c, node->writer, 0);
  return code ? code : emit(c, (struct avro_op){.code = AVRO_OP_FAIL, .column = column, .of.reason = node->reason});
}

static int compile_any(struct compiling *c, const struct avro_node *node, struct avro_column *column) {
  if (node->how == AVRO_NODE_NONE)
    return compile_failure(c, node, column);
  if (column->json && column->type == node->reader)
    return emit(c, (struct avro_op){.code = AVRO_OP_JSON, .column = column, .of.node = node});
  if (node->how == AVRO_NODE_UNION)
    return compile_union(c, node, column);
  if (node->how == AVRO_NODE_PUT)
    return compile_put(c, node, column);
  if (node->writer->kind == AVRO_RECORD)
    return compile_record(c, node, column);
  if (node->writer->kind == AVRO_ARRAY || node->writer->kind == AVRO_MAP)
    return compile_list(c, node, column);
  return compile_leaf(c, node, column);
}

static int compile(struct compiling *c, const struct avro_node *node, struct avro_column *column) {
  if (c->depth > 4 * AVRO_MAX_DEPTH)
    return sluice_fail(c->err, SLUICE_ERR_BUG, c->where, "the schema's program is nested too deep");
  c->depth++;
  int code = compile_any(c, node, column);
  c->depth--;
  return code;
}

int avro_compile(const struct avro_node *root, struct avro_columns *columns, const char *where,
                 struct avro_program *out, struct sluice_error *err) {
  struct compiling c = {out, columns, where, err, 0};
  *out = (struct avro_program){0};
  struct avro_column *column = columns->root;
  int code;
  if (root->reader->kind != AVRO_RECORD)
    code = column->fields[0] ? compile(&c, root, column->fields[0]) : skip(&c, root->writer, 0);
  else
    code = compile(&c, root, column);
  if (!code)
    code = emit(&c, (struct avro_op){.code = AVRO_OP_END});
  if (code)
    avro_program_finish(out);
  return code;
}

void avro_program_finish(struct avro_program *program) {
  for (uint32_t i = 0; i < program->count; i++)
    if (program->ops[i].code == AVRO_OP_UNION)
      free(program->ops[i].of.targets);
  free(program->ops);
  *program = (struct avro_program){0};
}
