/* Reading Thrift's compact protocol from untrusted bytes. */
#include "thrift.h"

enum { TRUE = 1, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT, UUID };
enum { DEPTH_MAX = 64 };

const char pq_thrift_short[] = "the metadata end too early";

static uint64_t fail(struct pq_thrift *t, pq_fault fault) {
  if (!t->fault)
    t->fault = fault;
  t->p = t->end;
  return 0;
}

static uint8_t read_byte(struct pq_thrift *t) {
  if (t->p == t->end)
    return (uint8_t)fail(t, pq_thrift_short);
  return *t->p++;
}

static uint64_t read_varint(struct pq_thrift *t) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    uint8_t byte = read_byte(t);
    value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
    if (!(byte & 0x80))
      return value;
  }
  return fail(t, "the metadata have a number of too many bytes");
}

static int64_t read_zigzag(struct pq_thrift *t) {
  uint64_t value = read_varint(t);
  return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

static void skip_bytes(struct pq_thrift *t, uint64_t n) {
  if (n > (uint64_t)(t->end - t->p))
    fail(t, pq_thrift_short);
  else
    t->p += n;
}

bool pq_thrift_next(struct pq_thrift *t, struct pq_thrift_field *field) {
  uint8_t head = read_byte(t);
  if (t->fault || head == 0) {
    t->depth -= t->depth > 0;
    return false;
  }
  field->type = head & 15;
  int64_t id = head >> 4 ? field->id + (head >> 4) : read_zigzag(t);
  if (id < INT16_MIN || id > INT16_MAX)
    fail(t, "the metadata have a field number out of range");
  field->id = (int16_t)id;
  return !t->fault;
}

static uint32_t read_list(struct pq_thrift *t, uint8_t *item) {
  uint8_t head = read_byte(t);
  uint64_t count = head >> 4 == 15 ? read_varint(t) : head >> 4;
  *item = head & 15;
  if (count > (uint64_t)(t->end - t->p)) /* each takes a byte or more */
    return (uint32_t)fail(t, "the metadata have a list that is longer than they are");
  return (uint32_t)(t->fault ? 0 : count);
}

static bool enter(struct pq_thrift *t) {
  if (++t->depth <= DEPTH_MAX)
    return !t->fault;
  fail(t, "the metadata are nested too deep");
  return false;
}

/* Truth values have their type as value in a field, and a byte in a list. */
static void skip_item(struct pq_thrift *t, uint8_t type) {
  if (type == TRUE || type == FALSE)
    skip_bytes(t, 1);
  else
    pq_thrift_skip(t, type);
}

static void skip_list(struct pq_thrift *t) {
  uint8_t item;
  if (!enter(t))
    return;
  for (uint32_t n = read_list(t, &item); n > 0 && !t->fault; n--)
    skip_item(t, item);
  t->depth--;
}

static void skip_map(struct pq_thrift *t) {
  uint64_t n = read_varint(t);
  if (n == 0 || !enter(t))
    return;
  uint8_t types = read_byte(t);
  if (n > (uint64_t)(t->end - t->p))
    fail(t, pq_thrift_short);
  for (; n > 0 && !t->fault; n--) {
    skip_item(t, types >> 4);
    skip_item(t, types & 15);
  }
  t->depth--;
}

static void skip_struct(struct pq_thrift *t) {
  struct pq_thrift_field field = {0};
  if (!enter(t))
    return;
  while (pq_thrift_next(t, &field))
    pq_thrift_skip(t, field.type);
}

void pq_thrift_skip(struct pq_thrift *t, uint8_t type) {
  switch (type) {
  case TRUE:
  case FALSE:
    return;
  case BYTE:
    skip_bytes(t, 1);
    return;
  case I16:
  case I32:
  case I64:
    read_varint(t);
    return;
  case DOUBLE:
    skip_bytes(t, 8);
    return;
  case BINARY:
    skip_bytes(t, read_varint(t));
    return;
  case LIST:
  case SET:
    skip_list(t);
    return;
  case MAP:
    skip_map(t);
    return;
  case STRUCT:
    skip_struct(t);
    return;
  case UUID:
    skip_bytes(t, 16);
    return;
  default:
    fail(t, "the metadata have a value of a type that Thrift does not have");
  }
}

int64_t pq_thrift_int(struct pq_thrift *t, uint8_t type, int64_t fallback) {
  if (type == BYTE)
    return (int8_t)read_byte(t);
  if (type >= I16 && type <= I64)
    return read_zigzag(t);
  pq_thrift_skip(t, type);
  return fallback;
}

bool pq_thrift_bool(struct pq_thrift *t, uint8_t type) {
  pq_thrift_skip(t, type);
  return type == TRUE;
}

struct pq_slice pq_thrift_binary(struct pq_thrift *t, uint8_t type) {
  if (type != BINARY) {
    pq_thrift_skip(t, type);
    return (struct pq_slice){NULL, 0};
  }
  uint64_t n = read_varint(t);
  const uint8_t *data = t->p;
  skip_bytes(t, n);
  return t->fault ? (struct pq_slice){NULL, 0} : (struct pq_slice){data, (size_t)n};
}

bool pq_thrift_struct(struct pq_thrift *t, uint8_t type) {
  if (type == STRUCT)
    return enter(t);
  skip_item(t, type);
  return false;
}

uint32_t pq_thrift_list(struct pq_thrift *t, uint8_t type, uint8_t *item) {
  if (type == LIST || type == SET)
    return read_list(t, item);
  pq_thrift_skip(t, type);
  return 0;
}
