/* Pages of a column chunk: found, checked, unpacked, and their levels told from their values. */
#include "skip.h"
#include <libdeflate.h>

enum { HEADER_GUESS = 512, HEADER_MAX = 16 << 20 };

static void column_name(const struct pq_leaf *l, char *out, size_t size) {
  const struct pq_slice name = l->element->name;
  snprintf(out, size, "%.*s", (int)(name.size < 100 ? name.size : 100), name.data ? (const char *)name.data : "");
}

int pq_leaf_fail(const struct pq_leaf *l, const struct pq_leaf_context *c, pq_fault fault, struct sluice_error *err) {
  char name[128];
  column_name(l, name, sizeof name);
  if (fault == pq_no_memory)
    return sluice_fail(err, SLUICE_ERR_MEMORY, c->part, "no memory for column '%s'; lower batch_bytes or batch_rows",
                       name);
  int code =
      sluice_fail(err, SLUICE_ERR_DATA, c->part, "column '%s', row group %d, page at byte %lld of the column: %s", name,
                  l->plan ? (int)l->plan->group + 1 : 0, (long long)l->page_at, fault);
  return code;
}

/* At least n bytes of the chunk, or all that it has. */
static int need(struct pq_leaf *l, const struct pq_leaf_context *c, size_t n, struct sluice_error *err) {
  if ((int64_t)n > l->chunk_left)
    n = (size_t)l->chunk_left;
  return pq_fetch_need(c->fetch, l->column, n, err);
}

static void consume(struct pq_leaf *l, const struct pq_leaf_context *c, size_t n) {
  pq_window_skip(&c->fetch->windows[l->column], n);
  l->chunk_left -= (int64_t)n;
  l->page_at += (int64_t)n;
}

static int read_header(struct pq_leaf *l, const struct pq_leaf_context *c, struct pq_page_header *h,
                       struct sluice_error *err) {
  struct pq_window *w = &c->fetch->windows[l->column];
  for (size_t guess = HEADER_GUESS;; guess *= 8) {
    int code = need(l, c, guess, err);
    if (code)
      return code;
    size_t there = pq_window_size(w);
    there = (int64_t)there > l->chunk_left ? (size_t)l->chunk_left : there;
    pq_fault fault = pq_page_header_read(pq_window_bytes(w), there, h);
    bool more = fault == pq_thrift_short && (int64_t)there < l->chunk_left && guess < HEADER_MAX;
    if (!fault && h->compressed > l->chunk_left - (int64_t)h->size)
      fault = "it is longer than its column";
    if (!more)
      return fault ? pq_leaf_fail(l, c, fault, err) : SLUICE_OK;
  }
}

static pq_fault check_page(const struct pq_leaf_context *c, const struct pq_page_header *h, const uint8_t *bytes) {
  if (h->uncompressed > c->config->max_page || h->compressed > c->config->max_page)
    return "it is larger than the option max_page allows";
  if (h->has_crc && c->config->verify_crc && libdeflate_crc32(0, bytes, (size_t)h->compressed) != h->crc)
    return "its checksum is wrong: the bytes are damaged";
  return NULL;
}

static pq_fault page_room(struct sluice_buffer *b, size_t n) {
  b->size = 0;
  b->limit = (size_t)4 << 30;
  if (sluice_buffer_reserve(b, n + PQ_PADDING) != SLUICE_OK)
    return pq_no_memory;
  memset(b->data + n, 0, PQ_PADDING);
  return NULL;
}

/* ---- dictionaries ---- */

/* A block that views of the leaf can refer to; it takes one of two roles. */
static pq_fault hold(struct pq_leaf *l, size_t n, struct pq_block **role, int32_t *place, uint8_t **out) {
  *role = NULL;
  struct pq_block *b = pq_block_create(n);
  pq_fault fault = b ? pq_node_hold(l->node, b, place) : pq_no_memory;
  if (fault) {
    pq_block_release(b);
    return fault;
  }
  *role = b;
  *out = b->data;
  return NULL;
}

static pq_fault dictionary_room(struct pq_leaf *l, size_t n, uint8_t **out) {
  if (l->store.kind == PQ_STORE_VIEWS)
    return hold(l, n, &l->node->held.dictionary, &l->dictionary.place, out);
  pq_fault fault = page_room(&l->dictionary.page, n);
  *out = l->dictionary.page.data;
  return fault;
}

static pq_fault load_dictionary(struct pq_leaf *l, const struct pq_leaf_context *c, const struct pq_page_header *h,
                                const uint8_t *bytes) {
  int32_t codec = l->plan->chunks[l->column].codec;
  size_t size = (size_t)(codec == PQ_PLAIN_CODEC ? h->compressed : h->uncompressed);
  if (h->encoding != PQ_PLAIN && h->encoding != PQ_PLAIN_DICTIONARY)
    return "a dictionary has an encoding that is not allowed";
  uint8_t *room = NULL;
  pq_fault fault = dictionary_room(l, size, &room);
  if (fault)
    return fault;
  if (codec == PQ_PLAIN_CODEC)
    memcpy(room, bytes, size);
  else
    fault = pq_unpack_page(c->codecs, codec, bytes, (size_t)h->compressed, room, size);
  l->dictionary.bytes = room;
  return fault ? fault : pq_dictionary_load(&l->dictionary, &l->store, size, (uint32_t)h->values);
}

/* ---- data ---- */

/* Levels of version 1: their length before them, or as many bytes as the old packing takes. */
static pq_fault begin_levels(struct pq_levels *l, uint8_t max, int32_t encoding, int64_t values, const uint8_t **p,
                             const uint8_t *end) {
  size_t left = (size_t)(end - *p), used = 0;
  if (max == 0) {
    pq_levels_none(l);
    return NULL;
  }
  if (encoding == PQ_BIT_PACKED) {
    pq_fault fault = pq_levels_init_msb(l, max, *p, end, values, &used);
    *p += used;
    return fault;
  }
  if (encoding != PQ_RLE)
    return "its levels have an encoding that is not allowed";
  if (left < 4 || pq_load32(*p) > left - 4)
    return "its levels are longer than the page";
  used = pq_load32(*p);
  pq_levels_init(l, max, *p + 4, *p + 4 + used);
  *p += 4 + used;
  return NULL;
}

static bool keeps_page(const struct pq_leaf *l, const struct pq_page_header *h) {
  return l->store.kind == PQ_STORE_VIEWS && (h->encoding == PQ_PLAIN || h->encoding == PQ_DELTA_LENGTH_BYTE_ARRAY);
}

/* Room for n bytes of the page, unpacked. */
static pq_fault unpack_room(struct pq_leaf *l, const struct pq_page_header *h, size_t n, uint8_t **out) {
  if (keeps_page(l, h))
    return hold(l, n, &l->node->held.page, &l->values.place, out);
  pq_fault fault = page_room(&l->page, n);
  *out = l->page.data;
  return fault;
}

static pq_fault begin_values(struct pq_leaf *l, const struct pq_page_header *h, const uint8_t *p, const uint8_t *end) {
  if (keeps_page(l, h) && !l->node->held.page) { /* it was not packed, and lies where it cannot stay */
    size_t n = (size_t)(end - p);
    uint8_t *room = NULL;
    pq_fault fault = hold(l, n, &l->node->held.page, &l->values.place, &room);
    if (fault)
      return fault;
    memcpy(room, p, n);
    p = room;
    end = p + n;
  }
  l->values.held = &l->node->held;
  l->values.base = l->node->held.page ? l->node->held.page->data : NULL;
  l->page_left = h->values;
  l->values.store = &l->store;
  l->values.dictionary = &l->dictionary;
  l->values.type = l->element->type;
  if (l->store.kind == PQ_STORE_NOTHING)
    return NULL;
  return pq_values_begin(&l->values, h->encoding, p, end);
}

static pq_fault begin_v1(struct pq_leaf *l, const struct pq_leaf_context *c, const struct pq_page_header *h,
                         const uint8_t *bytes) {
  int32_t codec = l->plan->chunks[l->column].codec;
  const uint8_t *p = bytes, *end = bytes + h->compressed;
  pq_fault fault = NULL;
  if (codec != PQ_PLAIN_CODEC) {
    uint8_t *room = NULL;
    fault = unpack_room(l, h, (size_t)h->uncompressed, &room);
    if (!fault && (h->uncompressed || h->compressed))
      fault = pq_unpack_page(c->codecs, codec, bytes, (size_t)h->compressed, room, (size_t)h->uncompressed);
    p = room;
    end = fault ? p : p + h->uncompressed;
  }
  if (!fault)
    fault = begin_levels(&l->reps, l->max_rep, h->rep_encoding, h->values, &p, end);
  if (!fault)
    fault = begin_levels(&l->defs, l->max_def, h->def_encoding, h->values, &p, end);
  return fault ? fault : begin_values(l, h, p, end);
}

static pq_fault begin_v2(struct pq_leaf *l, const struct pq_leaf_context *c, const struct pq_page_header *h,
                         const uint8_t *bytes) {
  int32_t codec = l->plan->chunks[l->column].codec;
  const uint8_t *defs = bytes + h->rep_bytes, *p = defs + h->def_bytes, *end = bytes + h->compressed;
  int64_t unpacked = h->uncompressed - h->rep_bytes - h->def_bytes;
  pq_fault fault = NULL;
  if (h->is_compressed && codec != PQ_PLAIN_CODEC && p < end) {
    uint8_t *room = NULL;
    fault = unpacked < 0 ? "its levels are longer than the page" : unpack_room(l, h, (size_t)unpacked, &room);
    if (!fault)
      fault = pq_unpack_page(c->codecs, codec, p, (size_t)(end - p), room, (size_t)unpacked);
    p = room;
    end = fault ? p : p + unpacked;
  }
  if (fault)
    return fault;
  pq_levels_init(&l->reps, l->max_rep, bytes, defs);
  pq_levels_init(&l->defs, l->max_def, defs, defs + h->def_bytes);
  return begin_values(l, h, p, end);
}

/* Takes a page whose bytes are at hand; *data tells if it has values. */
static pq_fault take_page(struct pq_leaf *l, const struct pq_leaf_context *c, const struct pq_page_header *h,
                          const uint8_t *bytes, bool *data) {
  bool known = h->type == PQ_DATA_PAGE || h->type == PQ_DATA_PAGE_V2 || h->type == PQ_DICTIONARY_PAGE;
  pq_fault fault = known ? check_page(c, h, bytes) : NULL;
  *data = known && h->type != PQ_DICTIONARY_PAGE;
  if (!fault && *data)
    fault = pq_skip_page(l, h);
  if (fault || !known)
    return fault;
  if (h->type == PQ_DICTIONARY_PAGE)
    return load_dictionary(l, c, h, bytes);
  return h->type == PQ_DATA_PAGE ? begin_v1(l, c, h, bytes) : begin_v2(l, c, h, bytes);
}

int pq_page_next(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  struct pq_window *w = &c->fetch->windows[l->column];
  struct pq_page_header h;
  bool data = false;
  pq_window_unpin(w);
  l->page_left = 0;
  l->node->held.page = NULL;
  while (!data || l->page_left == 0) {
    if (l->chunk_left == 0 || l->levels_left <= 0)
      return SLUICE_END;
    int code = read_header(l, c, &h, err);
    if (!code)
      code = need(l, c, h.size + (size_t)h.compressed, err);
    if (code)
      return code;
    pq_fault fault = take_page(l, c, &h, pq_window_bytes(w) + h.size, &data);
    if (fault)
      return pq_leaf_fail(l, c, fault, err);
    consume(l, c, h.size + (size_t)h.compressed);
  }
  w->pinned = true;
  l->levels_left -= l->page_left;
  return SLUICE_OK;
}

/* ---- pages that nobody wants ---- */

/* *passed: it was no page of data, or one that nobody wants; else it is still there. */
static int pass_page(struct pq_leaf *l, const struct pq_leaf_context *c, bool *passed, struct sluice_error *err) {
  struct pq_page_header h;
  bool data = false;
  int code = read_header(l, c, &h, err);
  if (code)
    return code;
  bool is_data = h.type == PQ_DATA_PAGE || h.type == PQ_DATA_PAGE_V2;
  *passed = !is_data || pq_page_is_unwanted(l, &h);
  if (!*passed)
    return SLUICE_OK;
  code = need(l, c, h.size + (size_t)h.compressed, err);
  if (code)
    return code;
  const uint8_t *bytes = pq_window_bytes(&c->fetch->windows[l->column]) + h.size;
  pq_fault fault = is_data ? pq_skip_page(l, &h) : take_page(l, c, &h, bytes, &data);
  if (fault)
    return pq_leaf_fail(l, c, fault, err);
  consume(l, c, h.size + (size_t)h.compressed);
  if (is_data)
    pq_page_passed(l, &h);
  return SLUICE_OK;
}

int pq_pages_pass(struct pq_leaf *l, const struct pq_leaf_context *c, struct sluice_error *err) {
  int code = SLUICE_OK;
  bool passed = l->plan->pruned && pq_rows_ahead(l) > 0;
  if (!passed)
    return SLUICE_OK;
  pq_window_unpin(&c->fetch->windows[l->column]);
  l->node->held.page = NULL;
  while (passed && !code && l->group_rows > 0 && l->chunk_left > 0 && l->levels_left > 0)
    code = pass_page(l, c, &passed, err);
  return code;
}
