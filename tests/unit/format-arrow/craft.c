/* Messages made by hand. */
#include "craft.h"
#include "kit.h"
#include <stdlib.h>

static void must(bool ok) {
  if (!ok)
    abort();
}

void craft_init(struct craft *c) {
  *c = (struct craft){.version = 4};
}

void craft_finish(struct craft *c) {
  flat_free(&c->flat);
  sluice_buffer_free(&c->out);
}

void craft_message(struct craft *c, int kind, size_t header, const void *body, size_t size) {
  static const uint8_t zeros[64];
  size_t n;
  flat_open(&c->flat);
  flat_number(&c->flat, 3, (int64_t)size, 8);
  flat_reference(&c->flat, 2, header);
  flat_number(&c->flat, 0, c->version, 2);
  flat_number(&c->flat, 1, kind, 1);
  const uint8_t *message = flat_finish(&c->flat, flat_close(&c->flat, 4), &n);
  size_t padding = (size_t)(-(int64_t)n & 7);
  uint32_t prefix[2] = {UINT32_MAX, (uint32_t)(n + padding)};
  must(message != NULL);
  must(sluice_buffer_append(&c->out, prefix, sizeof prefix) == SLUICE_OK);
  must(sluice_buffer_append(&c->out, message, n) == SLUICE_OK);
  must(sluice_buffer_append(&c->out, zeros, padding) == SLUICE_OK);
  must(sluice_buffer_append(&c->out, body, size) == SLUICE_OK);
  flat_reset(&c->flat);
}

size_t craft_field(struct craft *c, const char *name, int tag, size_t type, size_t children) {
  struct flat *f = &c->flat;
  if (!type) {
    flat_open(f);
    type = flat_close(f, 0);
  }
  size_t text = flat_text(f, name, strlen(name));
  flat_open(f);
  flat_reference(f, 0, text);
  flat_reference(f, 3, type);
  flat_reference(f, 5, children);
  flat_number(f, 1, 1, 1);
  flat_number(f, 2, tag, 1);
  return flat_close(f, 7);
}

size_t craft_int(struct craft *c, int bits) {
  flat_open(&c->flat);
  flat_number(&c->flat, 0, bits, 4);
  flat_number(&c->flat, 1, 1, 1);
  return flat_close(&c->flat, 2);
}

void craft_schema(struct craft *c, int tag, size_t type) {
  struct flat *f = &c->flat;
  size_t field = craft_field(c, "x", tag, type, c->children), list = flat_references(f, &field, 1);
  flat_open(f);
  flat_reference(f, 1, list);
  flat_number(f, 0, c->endianness, 2);
  craft_message(c, 1, flat_close(f, 3), "", 0);
}

size_t craft_compression(struct craft *c, int codec) {
  flat_open(&c->flat);
  flat_number(&c->flat, 0, codec, 1);
  return flat_close(&c->flat, 2);
}

size_t craft_batch(struct craft *c, int64_t length, const int64_t *nodes, size_t n_nodes, const int64_t *buffers,
                   size_t n_buffers, size_t compression) {
  struct flat *f = &c->flat;
  size_t counts = c->views ? flat_vector(f, &c->views, 1, 8, 8) : 0;
  size_t b = flat_vector(f, buffers, n_buffers, 16, 8), n = flat_vector(f, nodes, n_nodes, 16, 8);
  flat_open(f);
  flat_number(f, 0, length, 8);
  flat_reference(f, 1, n);
  flat_reference(f, 2, b);
  flat_reference(f, 3, compression);
  flat_reference(f, 4, counts);
  return flat_close(f, 5);
}

char *craft_read(const struct craft *c) {
  return kit_text(c->out.data, c->out.size);
}
