/* Dictionaries. A message is kept as it came and becomes an array when a batch needs it: in a file the dictionaries
 * within a dictionary may come behind it. */
#include "dictionary.h"
#include "claims.h"
#include <stdlib.h>

enum { SLOT_ID, SLOT_DATA, SLOT_DELTA };

struct chunk { /* one message */
  struct arrow_message message;
  struct arrow_batch batch;
  bool counted; /* it was loaded before */
};
struct dictionary {
  int64_t id;
  const struct arrow_field *values;
  const struct ArrowSchema *schema;
  bool nested;             /* there are dictionaries within it */
  struct ArrowArray array; /* shared; not there: nothing is made yet */
  uint64_t stamp, inner;   /* when it was made, and the newest of those within it then */
  struct chunk **chunks;   /* those behind `done` are not in the array yet */
  size_t n_chunks, room, done;
  int64_t made, read; /* counted in the loader, too */
  bool resolving, sent;
};
struct arrow_dictionaries {
  struct dictionary *items; /* by id */
  size_t count, room;
  uint64_t clock;
  bool final;
};

int arrow_validate(const struct arrow_loader *l, const struct ArrowSchema *schema, const struct ArrowArray *array,
                   int64_t offset, struct sluice_error *err) {
  struct sluice_error why = {0};
  bool full = l->config->validate == ARROW_VALIDATE_FULL;
  int rc = sluice_array_validate_known(schema, array, full ? SLUICE_CHECK_FULL : SLUICE_CHECK_BOUNDS, &why);
  if (rc == SLUICE_OK)
    return rc;
  sluice_fail(err, rc, l->source.part, "the message at byte %lld is damaged: column '%.100s': %s", (long long)offset,
              why.where, why.message);
  if (err)
    err->offset = offset;
  return rc;
}

/* ---- finding them ---- */

static int no_memory(const struct arrow_source *s, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, s->part, "no memory for its dictionaries");
}

static bool has_dictionary(const struct arrow_field *f) {
  for (int64_t i = 0; i < f->n_children; i++)
    if (f->children[i].values || has_dictionary(&f->children[i]))
      return true;
  return f->values != NULL;
}

static int collect(struct arrow_dictionaries *d, const struct arrow_field *f, const struct ArrowSchema *schema) {
  int rc = SLUICE_OK;
  if (f->values && d->count == d->room) {
    size_t room = d->room * 2 + 8;
    struct dictionary *grown = realloc(d->items, room * sizeof *grown);
    if (!grown)
      return SLUICE_ERR_MEMORY;
    d->items = grown;
    d->room = room;
  }
  if (f->values) {
    d->items[d->count++] = (struct dictionary){
        .id = f->dictionary, .values = f->values, .schema = schema->dictionary, .nested = has_dictionary(f->values)};
    rc = collect(d, f->values, schema->dictionary);
  }
  for (int64_t i = 0; rc == SLUICE_OK && i < f->n_children; i++)
    rc = collect(d, &f->children[i], schema->children[i]);
  return rc;
}

/* Of several fields of one dictionary the first is one that is wanted, if there is one. */
static int by_id(const void *a, const void *b) {
  const struct dictionary *x = a, *y = b;
  if (x->id != y->id)
    return x->id < y->id ? -1 : 1;
  return (int)y->values->wanted - (int)x->values->wanted;
}

/* Names and nullability may differ: each field tells them for itself. */
static bool same_types(const struct ArrowSchema *a, const struct ArrowSchema *b) {
  if (strcmp(a->format, b->format) != 0 || a->n_children != b->n_children || !a->dictionary != !b->dictionary)
    return false;
  for (int64_t i = 0; i < a->n_children; i++)
    if (!same_types(a->children[i], b->children[i]))
      return false;
  return !a->dictionary || same_types(a->dictionary, b->dictionary);
}

static int unite(struct arrow_dictionaries *d, const struct arrow_source *s, struct sluice_error *err) {
  size_t n = 0;
  if (d->count)
    qsort(d->items, d->count, sizeof *d->items, by_id);
  for (size_t i = 0; i < d->count; i++) {
    bool known = n && d->items[n - 1].id == d->items[i].id;
    if (known && !same_types(d->items[n - 1].schema, d->items[i].schema))
      return sluice_fail(err, SLUICE_ERR_DATA, s->part, "its schema is damaged: dictionary %lld has two types",
                         (long long)d->items[i].id);
    if (!known)
      d->items[n++] = d->items[i];
  }
  d->count = n;
  return SLUICE_OK;
}

int arrow_dictionaries_create(const struct arrow_source *source, const struct arrow_fields *fields,
                              struct arrow_dictionaries **out, struct sluice_error *err) {
  struct arrow_dictionaries *d = calloc(1, sizeof *d);
  if (!d)
    return no_memory(source, err);
  int rc = collect(d, &fields->root, &fields->schema);
  rc = rc ? no_memory(source, err) : unite(d, source, err);
  if (rc)
    arrow_dictionaries_destroy(d);
  else
    *out = d;
  return rc;
}

static void free_chunk(struct chunk *c) {
  if (!c)
    return;
  arrow_batch_finish(&c->batch);
  arrow_message_finish(&c->message);
  free(c);
}

/* What is made of a dictionary is there as long as it is. */
static void count(struct arrow_loader *l, struct dictionary *d, int64_t made, int64_t read) {
  l->kept_made += made;
  l->kept_read += read;
  d->made += made;
  d->read += read;
}

static void forget(struct dictionary *d) {
  for (size_t i = 0; i < d->n_chunks; i++)
    free_chunk(d->chunks[i]);
  d->n_chunks = d->done = 0;
  sluice_array_release(&d->array);
  d->array.release = NULL;
}

void arrow_dictionaries_destroy(struct arrow_dictionaries *d) {
  if (!d)
    return;
  for (size_t i = 0; i < d->count; i++) {
    forget(&d->items[i]);
    free(d->items[i].chunks);
  }
  free(d->items);
  free(d);
}

void arrow_dictionaries_forbid_replacement(struct arrow_dictionaries *d) {
  d->final = true;
}

static struct dictionary *find(struct arrow_dictionaries *d, int64_t id) {
  size_t low = 0, high = d->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (d->items[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low < d->count && d->items[low].id == id ? &d->items[low] : NULL;
}

/* ---- messages ---- */

static int keep(struct dictionary *d, struct chunk *chunk) {
  if (d->n_chunks == d->room) {
    size_t room = d->room * 2 + 4;
    struct chunk **grown = realloc(d->chunks, room * sizeof(struct chunk *));
    if (!grown)
      return SLUICE_ERR_MEMORY;
    d->chunks = grown;
    d->room = room;
  }
  d->chunks[d->n_chunks++] = chunk;
  return SLUICE_OK;
}

static int accept(struct arrow_loader *l, struct chunk *c, bool *kept, struct sluice_error *err) {
  const struct fb_table *header = &c->message.header;
  struct fb_table data;
  int64_t id = fb_number(header, SLOT_ID, 8, 0);
  bool delta = fb_number(header, SLOT_DELTA, 1, 0) != 0;
  struct dictionary *d = find(l->dictionaries, id);
  if (!fb_sub(header, SLOT_DATA, &data))
    return arrow_message_fail(&l->source, &c->message, "it is a dictionary without values", err);
  if (!d)
    return arrow_message_fail(&l->source, &c->message, "it is a dictionary that no column has", err);
  if (!d->values->wanted)
    return SLUICE_OK;
  if (!delta && d->sent && l->dictionaries->final)
    return arrow_message_fail(&l->source, &c->message, "it replaces a dictionary, which only streams may do", err);
  int rc = arrow_batch_open(l, &c->message, &data, d->values, 1, &c->batch, err);
  if (rc)
    return rc;
  if (!delta) {
    count(l, d, -d->made, -d->read);
    forget(d);
  }
  d->sent = true;
  rc = d->nested ? arrow_batch_keep(&c->batch) : SLUICE_OK;
  if (rc == SLUICE_OK)
    rc = keep(d, c);
  *kept = rc == SLUICE_OK;
  if (*kept) {
    count(l, d, 0, c->batch.read);
    c->batch.read = 0; /* from here on it is in the loader's sum */
  }
  return rc ? no_memory(&l->source, err) : rc;
}

/* What the message points to lies in its own bytes, and its tables in the place where it is: so those are set anew. */
static void move_message(struct arrow_message *from, struct arrow_message *to) {
  *to = *from;
  to->table.fb = to->header.fb = &to->fb;
  memset(from, 0, sizeof *from);
}

int arrow_dictionary_add(struct arrow_loader *l, struct arrow_message *message, struct sluice_error *err) {
  struct chunk *c = calloc(1, sizeof *c);
  bool kept = false;
  if (!c) {
    arrow_message_finish(message);
    return no_memory(&l->source, err);
  }
  move_message(message, &c->message);
  int rc = accept(l, c, &kept, err);
  if (!kept)
    free_chunk(c);
  return rc;
}

/* ---- arrays ---- */

static int resolve(struct arrow_loader *l, struct dictionary *d, struct sluice_error *err);

/* Makes the dictionaries below a field; *newest is when the newest of them was made. */
static int resolve_below(struct arrow_loader *l, const struct arrow_field *f, uint64_t *newest,
                         struct sluice_error *err) {
  int rc = SLUICE_OK;
  struct dictionary *inner = f->values ? find(l->dictionaries, f->dictionary) : NULL;
  if (inner)
    rc = resolve(l, inner, err);
  if (inner && rc == SLUICE_OK && inner->stamp > *newest)
    *newest = inner->stamp;
  for (int64_t i = 0; rc == SLUICE_OK && i < f->n_children; i++)
    rc = resolve_below(l, &f->children[i], newest, err);
  return rc;
}

static int load_chunk(struct arrow_loader *l, struct dictionary *d, struct chunk *c, struct ArrowArray *out,
                      struct sluice_error *err) {
  int64_t before = c->batch.made;
  int rc = arrow_batch_load(l, &c->batch, d->values, &d->schema, 1, out, err);
  if (rc)
    return rc;
  if (!c->counted)
    rc = arrow_claim_rows(l, &c->batch, err);
  count(l, d, c->batch.made - before, 0);
  c->counted = true;
  if (rc == SLUICE_OK)
    rc = arrow_validate(l, d->schema, out, c->message.offset, err);
  if (rc) {
    sluice_array_release(out);
    out->release = NULL;
  }
  return rc;
}

/* The array so far and the new chunks, joined; of one alone, itself. */
static int join(const struct arrow_loader *l, struct dictionary *d, struct ArrowArray *parts, size_t n,
                struct sluice_error *err) {
  struct ArrowArray all = {0};
  if (n == 1) {
    sluice_array_move(parts, &all);
  } else {
    const struct ArrowArray **list = calloc(n, sizeof *list);
    if (!list)
      return no_memory(&l->source, err);
    for (size_t i = 0; i < n; i++)
      list[i] = &parts[i];
    struct sluice_error why = {0};
    int rc = sluice_array_concat(d->schema, list, (int64_t)n, &all, &why);
    free(list);
    if (rc)
      return sluice_fail(err, rc, l->source.part, "the parts of dictionary %lld cannot be joined: %s", (long long)d->id,
                         why.message);
  }
  if (sluice_array_share(&all) != SLUICE_OK) {
    sluice_array_release(&all);
    return no_memory(&l->source, err);
  }
  d->array = all;
  return SLUICE_OK;
}

static int load_new(struct arrow_loader *l, struct dictionary *d, struct sluice_error *err) {
  size_t n = 0;
  struct ArrowArray *parts = calloc(d->n_chunks - d->done + 1, sizeof *parts);
  int rc = parts ? SLUICE_OK : no_memory(&l->source, err);
  if (parts && d->array.release)
    sluice_array_move(&d->array, &parts[n++]);
  for (size_t i = d->done; rc == SLUICE_OK && i < d->n_chunks; i++) {
    rc = load_chunk(l, d, d->chunks[i], &parts[n], err);
    n += rc == SLUICE_OK;
  }
  if (rc == SLUICE_OK)
    rc = join(l, d, parts, n, err);
  for (size_t i = 0; i < n; i++)
    sluice_array_release(&parts[i]);
  free(parts);
  return rc;
}

static int make_empty(const struct arrow_loader *l, struct dictionary *d, struct sluice_error *err) {
  int rc = sluice_array_nulls(d->schema, 0, &d->array);
  if (rc == SLUICE_OK && sluice_array_share(&d->array) != SLUICE_OK) {
    sluice_array_release(&d->array);
    d->array.release = NULL;
    rc = SLUICE_ERR_MEMORY;
  }
  return rc ? no_memory(&l->source, err) : rc;
}

/* Chunks are kept only where the array may have to be made again, as those within it change. */
static int make(struct arrow_loader *l, struct dictionary *d, struct sluice_error *err) {
  int rc = d->n_chunks ? load_new(l, d, err) : make_empty(l, d, err);
  if (rc)
    return rc;
  for (size_t i = 0; !d->nested && i < d->n_chunks; i++)
    free_chunk(d->chunks[i]);
  d->n_chunks = d->nested ? d->n_chunks : 0;
  d->done = d->n_chunks;
  d->stamp = ++l->dictionaries->clock;
  return SLUICE_OK;
}

static int resolve(struct arrow_loader *l, struct dictionary *d, struct sluice_error *err) {
  uint64_t newest = 0;
  if (d->resolving)
    return sluice_fail(err, SLUICE_ERR_DATA, l->source.part,
                       "its schema is damaged: dictionary %lld is part of its own values", (long long)d->id);
  d->resolving = true;
  int rc = d->nested ? resolve_below(l, d->values, &newest, err) : SLUICE_OK;
  if (rc == SLUICE_OK && newest != d->inner && d->array.release) {
    sluice_array_release(&d->array);
    d->array.release = NULL;
    d->done = 0;
  }
  d->inner = newest;
  if (rc == SLUICE_OK && (!d->array.release || d->done < d->n_chunks))
    rc = make(l, d, err);
  d->resolving = false;
  return rc;
}

int arrow_dictionary_attach(struct arrow_loader *l, const struct arrow_field *field, struct ArrowArray *out,
                            struct sluice_error *err) {
  struct dictionary *d = find(l->dictionaries, field->dictionary);
  if (!d)
    return sluice_fail(err, SLUICE_ERR_BUG, l->source.part, "a dictionary is not known");
  int rc = resolve(l, d, err);
  if (rc == SLUICE_OK && sluice_array_slice(&d->array, 0, d->array.length, out) != SLUICE_OK)
    rc = no_memory(&l->source, err);
  return rc;
}
