/* The program of a record: objects member by member, in the order of the record before, lists item by item. */
#include "run.h"
#include "words.h"

/* ---- members ---- */

/* Whether the name stands at p; up to a word behind its end is read. */
static inline bool is_name(const struct json_name *name, const uint8_t *p) {
  const uint8_t *q = name->quoted;
  uint32_t left = name->match;
  for (; left > 8; left -= 8, p += 8, q += 8)
    if (json_load8(p) != json_load8(q))
      return false;
  return left && ((json_load8(p) ^ json_load8(q)) & name->tail) == 0;
}

/* Of a name that no column has: it is known from now on, so that it is passed over fast. */
static uint32_t learn(struct json_run *r, struct json_column *c, const uint8_t *text, size_t size) {
  uint32_t at = UINT32_MAX;
  struct json_names *names = &c->names;
  if (size > JSON_LEARNED_NAME || names->learned >= JSON_LEARNED_MAX)
    return at;
  if (json_names_add(names, text, size, NULL, &at) != SLUICE_OK) {
    json_no_memory(r, text);
    return at;
  }
  names->learned++;
  return at;
}

/* The member whose name begins at *p, and *p is behind it. UINT32_MAX: one that is not known, or a fault. */
static __attribute__((noinline)) uint32_t find_member(struct json_run *r, struct json_column *c, const uint8_t **p) {
  if (**p != '"') {
    json_fail(r, JSON_FAULT_SYNTAX, *p, "a name in quotes");
    return UINT32_MAX;
  }
  const uint8_t *from = *p + 1, *to = json_find_quote(r, from);
  *p = to + 1;
  size_t size = (size_t)(to - from);
  if (json_has_escapes(r, from, to)) {
    r->scratch.size = 0;
    if (!json_unescape(r, from, to))
      return UINT32_MAX;
    from = r->scratch.data;
    size = r->scratch.size;
  }
  uint32_t at = json_names_find(&c->names, from, size);
  return at == UINT32_MAX ? learn(r, c, from, size) : at;
}

static bool has_zero(const uint8_t *name, size_t n) {
  for (size_t i = 0; i + 6 <= n; i += name[i] == '\\' ? 2 : 1)
    if (memcmp(name + i, "\\u0000", 6) == 0)
      return true;
  return false;
}

static void note_unknown(struct json_run *r, const uint8_t *name, size_t n) {
  snprintf(r->unknown_name, sizeof r->unknown_name, "%.*s", (int)(n < 60 ? n : 60), (const char *)name);
  r->unknown_zero = has_zero(name, n);
}

/* A member that is no column: not wanted, or not in the schema. */
static const uint8_t *pass_over(struct json_run *r, struct json_column *c, const uint8_t *name, size_t n,
                                const uint8_t *p) {
  if (c->passes_all)
    return json_skip_value(r, p);
  if (r->config->extra == JSON_EXTRA_REJECT)
    return json_misfit(r, c, JSON_FAULT_UNKNOWN, name, n);
  if (r->unknown++ == 0)
    note_unknown(r, name, n);
  return json_check_value(r, p);
}

/* A member that the object has more than once. */
static const uint8_t *again(struct json_run *r, struct json_column *child, int64_t row, const uint8_t *p) {
  switch (r->config->duplicates) {
  case JSON_DUPLICATES_LAST:
    json_column_cut(child, row);
    return child->parse(r, child, p);
  case JSON_DUPLICATES_FIRST:
    return json_skip_value(r, p);
  default:
    return json_misfit(r, child, JSON_FAULT_TWICE, p, 0);
  }
}

/* Nulls for the members that the object does not have. */
static const uint8_t *fill_missing(struct json_run *r, struct json_column *c, int64_t row, const uint8_t *p) {
  for (uint32_t i = 0; i < c->count; i++) {
    struct json_column *child = c->children[i];
    if (child->length != row)
      continue;
    if (!child->nullable)
      return json_misfit(r, child, JSON_FAULT_NO_VALUE, p, 0);
    r->cost += child->cost;
    if (r->cost > r->most_cost)
      return json_misfit(r, child, JSON_FAULT_LARGE, p, 0);
    if (!json_column_null(child))
      return json_no_memory(r, p);
  }
  return p;
}

/* The members from p on, behind the brace, to the closing brace. */
static const uint8_t *parse_members(struct json_run *r, struct json_column *c, int64_t row, const uint8_t *p,
                                    uint32_t *left) {
  struct json_names *names = &c->names;
  uint32_t last = UINT32_MAX;
  for (;;) {
    uint32_t expected = last == UINT32_MAX ? names->first : names->items[last].next, at = expected;
    const uint8_t *name = p;
    if (is_name(&names->items[at], p)) {
      p += names->items[at].size;
    } else {
      at = find_member(r, c, &p);
      if (r->fault.code)
        return NULL;
      uint32_t *link = last == UINT32_MAX ? &names->first : &names->items[last].next; /* names may have moved */
      *link = at == UINT32_MAX ? expected : at;
    }
    const uint8_t *name_end = p;
    if (*p != ':') {
      p = json_skip_space(r, p);
      if (*p != ':')
        return json_fail(r, JSON_FAULT_SYNTAX, p, "a colon");
    }
    p = json_skip_space(r, p + 1);
    struct json_column *child = at == UINT32_MAX ? NULL : names->items[at].column;
    if (!child) {
      p = pass_over(r, c, name, (size_t)(name_end - name), p);
    } else if (child->length != row) {
      p = again(r, child, row, p);
    } else {
      p = child->parse(r, child, p);
      --*left;
    }
    if (!p)
      return NULL;
    last = at == UINT32_MAX ? last : at;
    p = json_skip_space(r, p);
    if (*p == '}')
      return p + 1;
    if (*p != ',')
      return json_fail(r, JSON_FAULT_SYNTAX, p, "a comma or }");
    p = json_skip_space(r, p + 1);
  }
}

const uint8_t *json_parse_struct(struct json_run *r, struct json_column *c, const uint8_t *p) {
  int64_t row = c->length;
  uint32_t left = c->count;
  if (*p != '{')
    return json_parse_any(r, c, p);
  if (!json_column_room(c))
    return json_no_memory(r, p);
  p = json_skip_space(r, p + 1);
  p = *p == '}' ? p + 1 : parse_members(r, c, row, p, &left);
  if (p && left)
    p = fill_missing(r, c, row, p);
  c->length += p != NULL;
  return p;
}

/* ---- lists ---- */

/* Items from behind the bracket to the closing one; at most `most`. */
static const uint8_t *parse_items_of(struct json_run *r, struct json_column *c, const uint8_t *p, int64_t most) {
  struct json_column *item = c->children[0];
  const uint8_t *start = p - 1;
  p = json_skip_space(r, p);
  if (*p == ']')
    return p + 1;
  for (;;) {
    if (item->length >= most)
      return json_misfit(r, c, JSON_FAULT_VALUE, start, (size_t)(p - start));
    p = item->parse(r, item, p);
    if (!p)
      return NULL;
    p = json_skip_space(r, p);
    if (*p == ']')
      return p + 1;
    if (*p != ',')
      return json_fail(r, JSON_FAULT_SYNTAX, p, "a comma or ]");
    p = json_skip_space(r, p + 1);
  }
}

const uint8_t *json_parse_list(struct json_run *r, struct json_column *c, const uint8_t *p) {
  if (*p != '[')
    return json_parse_any(r, c, p);
  p = parse_items_of(r, c, p + 1, INT32_MAX - 1);
  if (p && !json_column_room(c))
    return json_no_memory(r, p);
  if (p)
    json_column_end(c, c->children[0]->length);
  return p;
}

const uint8_t *json_parse_items(struct json_run *r, struct json_column *c, const uint8_t *p) {
  const uint8_t *start = p;
  int64_t end = (c->length + 1) * (int64_t)c->width;
  if (*p != '[')
    return json_parse_any(r, c, p);
  p = parse_items_of(r, c, p + 1, end);
  if (p && c->children[0]->length != end)
    return json_misfit(r, c, JSON_FAULT_VALUE, start, (size_t)(p - start));
  if (p && !json_column_room(c))
    return json_no_memory(r, p);
  c->length += p != NULL;
  return p;
}

/* Entries from p on, where the first name begins, to the closing brace. */
static const uint8_t *parse_entries(struct json_run *r, struct json_column *entry, const uint8_t *p) {
  struct json_column *key = entry->children[0], *value = entry->children[1];
  for (;;) {
    p = *p == '"' ? key->parse(r, key, p) : json_fail(r, JSON_FAULT_SYNTAX, p, "a name in quotes");
    p = p ? json_skip_space(r, p) : NULL;
    if (p && *p != ':')
      return json_fail(r, JSON_FAULT_SYNTAX, p, "a colon");
    p = p ? value->parse(r, value, json_skip_space(r, p + 1)) : NULL;
    if (p && !json_column_room(entry))
      return json_no_memory(r, p);
    if (!p)
      return NULL;
    entry->length++;
    p = json_skip_space(r, p);
    if (*p == '}')
      return p + 1;
    if (*p != ',')
      return json_fail(r, JSON_FAULT_SYNTAX, p, "a comma or }");
    p = json_skip_space(r, p + 1);
  }
}

/* An object whose members are the entries of a map. */
const uint8_t *json_parse_map(struct json_run *r, struct json_column *c, const uint8_t *p) {
  struct json_column *entry = c->children[0];
  if (*p != '{')
    return json_parse_any(r, c, p);
  p = json_skip_space(r, p + 1);
  p = *p == '}' ? p + 1 : parse_entries(r, entry, p);
  if (p && !json_column_room(c))
    return json_no_memory(r, p);
  if (p)
    json_column_end(c, entry->length);
  return p;
}

/* ---- the record ---- */

bool json_run_record(struct json_run *r, struct json_column *root) {
  const uint8_t *p = json_skip_space(r, r->base);
  r->fault.code = JSON_FAULT_NONE;
  r->cost = 0;
  if (*p != '{' || p >= r->end) {
    json_fail(r, JSON_FAULT_OBJECT, p, NULL);
    return false;
  }
  p = json_parse_struct(r, root, p);
  if (!p)
    return false;
  p = json_skip_spaces(r, p);
  if (p != r->end)
    json_fail(r, JSON_FAULT_SYNTAX, p, "the end of the record");
  return p == r->end;
}
