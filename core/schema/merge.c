/* The least schema that holds two. */
#include "core/schema/schema.h"
#include "core/schema/tree.h"
#include <stdlib.h>

struct merging {
  struct schema_tree tree;
  struct sluice_error *err;
  int code;
};

static struct ArrowSchema *merge_field(struct merging *, const struct ArrowSchema *a, const struct ArrowSchema *b,
                                       int depth);

static void *give_up(struct merging *m, int code, const char *why) {
  m->code = sluice_fail(m->err, code, "schema", "%s", why);
  return NULL;
}

/* ---- single types ------------------------------------------------------------------------------- */

/* 1, 2, 4 or 8 by the letter's place; 0: not one of these. */
static int width(const char *format, const char *letters) {
  const char *at = format[0] && !format[1] ? strchr(letters, format[0]) : NULL;
  return at ? 1 << (at - letters) : 0;
}

static const char *by_width(const char *const formats[4], int bytes) {
  for (int i = 0; i < 4; i++)
    if (1 << i >= bytes)
      return formats[i];
  return NULL;
}

/* The common_ functions: a type that holds both; NULL: none of this family. */
static const char *common_integer(const char *a, const char *b) {
  static const char *const signs[] = {"c", "s", "i", "l"}, *const naturals[] = {"C", "S", "I", "L"};
  int as = width(a, "csil"), bs = width(b, "csil"), au = width(a, "CSIL"), bu = width(b, "CSIL");
  if (as && bs)
    return by_width(signs, as > bs ? as : bs);
  if (au && bu)
    return by_width(naturals, au > bu ? au : bu);
  int sign = as + bs, natural = 2 * (au + bu); /* one of each: a natural needs twice its width */
  return sign && natural ? by_width(signs, sign > natural ? sign : natural) : NULL;
}

static const char *common_number(const char *a, const char *b) {
  int af = width(a, " efg"), bf = width(b, " efg");
  bool a_integer = width(a, "csil") || width(a, "CSIL"), b_integer = width(b, "csil") || width(b, "CSIL");
  if (a_integer && b_integer)
    return common_integer(a, b);
  if (af && bf)
    return af > bf ? a : b;
  return (af && b_integer) || (bf && a_integer) ? "g" : NULL;
}

/* tss:ZONE, tsm:ZONE, tsu:ZONE, tsn:ZONE: from coarse to fine. */
static bool is_timestamp(const char *format) {
  return strncmp(format, "ts", 2) == 0 && format[2] && strchr("smun", format[2]) && format[3] == ':';
}

static const char *common_time(const char *a, const char *b) {
  static const char order[] = "smun";
  bool at = is_timestamp(a), bt = is_timestamp(b);
  if (at && bt && strcmp(a + 4, b + 4) == 0)
    return strchr(order, a[2]) > strchr(order, b[2]) ? a : b;
  if (at && strcmp(b, "tdD") == 0)
    return a;
  return bt && strcmp(a, "tdD") == 0 ? b : NULL;
}

static struct ArrowSchema *scalar(struct merging *m, const struct ArrowSchema *a, const struct ArrowSchema *b,
                                  const char *format) {
  struct ArrowSchema *out = schema_tree_alloc(&m->tree, 1, sizeof *out);
  if (!out)
    return give_up(m, SLUICE_ERR_MEMORY, "no memory");
  out->format = format;
  out->name = a->name;
  out->flags = (a->flags | b->flags) & ARROW_FLAG_NULLABLE;
  if (strcmp(format, a->format) == 0)
    out->metadata = a->metadata;
  return out;
}

/* ---- nested types ------------------------------------------------------------------------------- */

static struct ArrowSchema *like(struct merging *m, const struct ArrowSchema *field, int64_t more_flags) {
  struct ArrowSchema *out = schema_tree_node(&m->tree, field);
  if (!out)
    return give_up(m, SLUICE_ERR_MEMORY, "no memory");
  out->flags |= more_flags;
  return out;
}

struct named {
  const char *name;
  int64_t index;
};

static int by_name(const void *a, const void *b) {
  const struct named *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order ? order : (x->index > y->index) - (x->index < y->index);
}

static struct named *sorted_names(struct merging *m, const struct ArrowSchema *s) {
  struct named *names = schema_tree_alloc(&m->tree, (size_t)s->n_children + 1, sizeof *names);
  if (!names)
    return give_up(m, SLUICE_ERR_MEMORY, "no memory");
  for (int64_t i = 0; i < s->n_children; i++)
    names[i] = (struct named){s->children[i]->name ? s->children[i]->name : "", i};
  qsort(names, (size_t)s->n_children, sizeof *names, by_name);
  return names;
}

/* partner[i]: 1 + the index in b of the field like a's field i, then 1 + the index in a for each of b's; 0: none. The
 * second of a name goes with the second. */
static int64_t *find_partners(struct merging *m, const struct ArrowSchema *a, const struct ArrowSchema *b) {
  int64_t *partner = schema_tree_alloc(&m->tree, (size_t)a->n_children + (size_t)b->n_children + 1, sizeof *partner);
  struct named *x = sorted_names(m, a), *y = sorted_names(m, b);
  if (!partner || !x || !y)
    return give_up(m, SLUICE_ERR_MEMORY, "no memory");
  for (int64_t i = 0, j = 0; i < a->n_children && j < b->n_children;) {
    int order = strcmp(x[i].name, y[j].name);
    if (order == 0) {
      partner[x[i].index] = y[j].index + 1;
      partner[a->n_children + y[j].index] = x[i].index + 1;
    }
    if (order <= 0)
      i++;
    if (order >= 0)
      j++;
  }
  return partner;
}

static struct ArrowSchema *merge_struct(struct merging *m, const struct ArrowSchema *a, const struct ArrowSchema *b,
                                        int depth) {
  int64_t *partner = find_partners(m, a, b), n = 0;
  struct ArrowSchema *out = like(m, a, b->flags & ARROW_FLAG_NULLABLE);
  if (!partner || !out)
    return NULL;
  if (!schema_tree_children(&m->tree, out, (size_t)a->n_children + (size_t)b->n_children))
    return give_up(m, SLUICE_ERR_MEMORY, "no memory");
  for (int64_t i = 0; i < a->n_children; i++) {
    const struct ArrowSchema *field = a->children[i];
    struct ArrowSchema *child = partner[i] ? merge_field(m, field, b->children[partner[i] - 1], depth + 1)
                                           : like(m, field, ARROW_FLAG_NULLABLE);
    if (!child)
      return NULL;
    out->children[n++] = child;
  }
  for (int64_t i = 0; i < b->n_children; i++) {
    if (partner[a->n_children + i])
      continue;
    out->children[n] = like(m, b->children[i], ARROW_FLAG_NULLABLE);
    if (!out->children[n++])
      return NULL;
  }
  out->n_children = n;
  return out;
}

/* Lists, and maps down to their keys and values: children by place, their names do not matter. */
static struct ArrowSchema *merge_places(struct merging *m, const struct ArrowSchema *a, const struct ArrowSchema *b,
                                        int depth) {
  struct ArrowSchema *out = like(m, a, b->flags & ARROW_FLAG_NULLABLE);
  if (!out)
    return NULL;
  if (!(b->flags & ARROW_FLAG_MAP_KEYS_SORTED))
    out->flags &= ~(int64_t)ARROW_FLAG_MAP_KEYS_SORTED;
  if (!schema_tree_children(&m->tree, out, (size_t)a->n_children))
    return give_up(m, SLUICE_ERR_MEMORY, "no memory");
  for (int64_t i = 0; i < a->n_children; i++) {
    const struct ArrowSchema *x = a->children[i], *y = b->children[i];
    bool entries = strcmp(a->format, "+m") == 0 && x->n_children == y->n_children;
    out->children[i] = entries ? merge_places(m, x, y, depth + 1) : merge_field(m, x, y, depth + 1);
    if (!out->children[i])
      return NULL;
  }
  return out;
}

static bool is_list(const char *format) {
  return strcmp(format, "+l") == 0 || strcmp(format, "+L") == 0 || strcmp(format, "+vl") == 0 ||
         strcmp(format, "+vL") == 0 || strcmp(format, "+m") == 0 || strncmp(format, "+w:", 3) == 0;
}

/* ---- a field ------------------------------------------------------------------------------------ */

/* How readily a type gives way to another: not seen yet before all null before any other. */
static int vagueness(const struct ArrowSchema *field) {
  if (field->dictionary)
    return 0;
  return field->format[0] == 0 ? 2 : strcmp(field->format, "n") == 0;
}

/* Equal but for the name, and for being nullable. */
static bool same_type(const struct ArrowSchema *a, const struct ArrowSchema *b) {
  struct ArrowSchema x = *a, y = *b;
  x.name = y.name = "";
  x.flags |= ARROW_FLAG_NULLABLE;
  y.flags |= ARROW_FLAG_NULLABLE;
  return sluice_schema_equal(&x, &y);
}

/* The known one's type under the name of a, for the values of the other are null or not seen. */
static struct ArrowSchema *take_known(struct merging *m, const struct ArrowSchema *a, const struct ArrowSchema *known,
                                      const struct ArrowSchema *unknown) {
  struct ArrowSchema *out = like(m, known, unknown->flags & ARROW_FLAG_NULLABLE);
  if (!out)
    return NULL;
  out->name = a->name;
  if (unknown->format[0])
    out->flags |= ARROW_FLAG_NULLABLE;
  return out;
}

/* A dictionary's values without it. */
static const struct ArrowSchema *plain(struct merging *m, const struct ArrowSchema *field) {
  if (!field->dictionary)
    return field;
  struct ArrowSchema *out = like(m, field->dictionary, field->flags & ARROW_FLAG_NULLABLE);
  if (out)
    out->name = field->name;
  return out;
}

static struct ArrowSchema *merge_plain(struct merging *m, const struct ArrowSchema *a, const struct ArrowSchema *b,
                                       int depth) {
  bool same = strcmp(a->format, b->format) == 0;
  if (same && strcmp(a->format, "+s") == 0)
    return merge_struct(m, a, b, depth);
  if (same && is_list(a->format) && a->n_children == b->n_children)
    return merge_places(m, a, b, depth);
  if (same_type(a, b))
    return like(m, a, b->flags & ARROW_FLAG_NULLABLE);
  const char *format = common_number(a->format, b->format);
  if (!format)
    format = common_time(a->format, b->format);
  return scalar(m, a, b, format ? format : "u");
}

static struct ArrowSchema *merge_field(struct merging *m, const struct ArrowSchema *a, const struct ArrowSchema *b,
                                       int depth) {
  if (depth > TREE_DEPTH_MAX)
    return give_up(m, SLUICE_ERR_DATA, "the schema is nested too deep");
  if (vagueness(a) > 0 && vagueness(a) >= vagueness(b))
    return take_known(m, a, b, a);
  if (vagueness(b) > 0)
    return take_known(m, a, a, b);
  if (a->dictionary && same_type(a, b))
    return like(m, a, b->flags & ARROW_FLAG_NULLABLE);
  bool dictionaries = a->dictionary || b->dictionary;
  a = plain(m, a);
  b = plain(m, b);
  if (!a || !b)
    return NULL;
  return dictionaries ? merge_field(m, a, b, depth + 1) : merge_plain(m, a, b, depth);
}

int schema_merge(const struct ArrowSchema *a, const struct ArrowSchema *b, struct ArrowSchema *out,
                 struct sluice_error *err) {
  struct merging m = {.err = err};
  if (strcmp(a->format, "+s") != 0 || strcmp(b->format, "+s") != 0)
    return sluice_fail(err, SLUICE_ERR_DATA, "schema", "the schema of records must be a struct");
  struct ArrowSchema *top = merge_struct(&m, a, b, 0);
  int rc = top ? sluice_schema_copy(top, out) : m.code;
  if (top && rc != SLUICE_OK)
    sluice_fail(err, rc, "schema", "the merged schema cannot be copied");
  schema_tree_finish(&m.tree);
  return rc;
}
