/* One record into the columns. */
#ifndef JSON_RUN_H
#define JSON_RUN_H
#include "column.h"
#include "scan.h"

enum json_fault_code {
  JSON_FAULT_NONE,
  JSON_FAULT_SYNTAX,  /* not JSON; `what` says what was expected */
  JSON_FAULT_OPEN,    /* a string is not closed */
  JSON_FAULT_CONTROL, /* a byte below 0x20 in a string */
  JSON_FAULT_UTF8,
  JSON_FAULT_SURROGATE, /* half of a pair */
  JSON_FAULT_DEEP,
  JSON_FAULT_OBJECT,   /* the record is no object */
  JSON_FAULT_VALUE,    /* does not fit the column */
  JSON_FAULT_NO_VALUE, /* null, or nothing, for a column that must have values */
  JSON_FAULT_TWICE,
  JSON_FAULT_UNKNOWN, /* a member that the schema does not have */
  JSON_FAULT_LARGE,   /* the record takes too much memory */
  JSON_FAULT_CUT,     /* the part ends within it */
  JSON_FAULT_LONG,    /* over max_record */
  JSON_FAULT_MEMORY   /* none left */
};
struct json_fault {
  enum json_fault_code code;
  const struct json_column *column; /* NULL: none */
  const char *what;
  const uint8_t *text; /* the value, or the name */
  size_t size;
  size_t at; /* byte of the record */
};

struct json_run {
  const struct json_block *blocks; /* of the record */
  const uint8_t *base, *end;       /* the record; end: behind it */
  struct json_fault fault;
  int64_t cost, most_cost;      /* bytes of nulls that the record does not name; more than most_cost: a fault */
  struct sluice_buffer scratch; /* strings without their escapes */
  const struct json_config *config;
  uint64_t unknown;      /* members passed over that the schema does not have */
  char unknown_name[64]; /* the first of them, as it stands in the file */
  bool unknown_zero;     /* it has a zero byte, which no name of a column can have */
};

/* Takes the record [base, end) into the columns of root. False: fault says why not, and the columns hold part of it. */
bool json_run_record(struct json_run *r, struct json_column *root);

/* ---- for the parsers of values ---- */

const uint8_t *json_fail(struct json_run *r, enum json_fault_code code, const uint8_t *p, const char *what);
/* As json_fail, for a value that does not fit. */
const uint8_t *json_misfit(struct json_run *r, const struct json_column *c, enum json_fault_code code,
                           const uint8_t *value, size_t n);
static inline const uint8_t *json_no_memory(struct json_run *r, const uint8_t *p) {
  return json_fail(r, JSON_FAULT_MEMORY, p, "memory");
}

const uint8_t *json_skip_spaces(const struct json_run *r, const uint8_t *p);
static inline const uint8_t *json_skip_space(const struct json_run *r, const uint8_t *p) {
  if (*p > ' ')
    return p;
  if (*p == ' ' && p[1] > ' ')
    return p + 1;
  return json_skip_spaces(r, p);
}
/* The quote that closes the string whose first byte, behind the quote, is p. */
static inline const uint8_t *json_find_quote(const struct json_run *r, const uint8_t *p) {
  size_t at = (size_t)(p - r->base), i = at >> 6;
  uint64_t mask = r->blocks[i].quotes >> (at & 63);
  if (mask)
    return p + __builtin_ctzll(mask);
  do
    mask = r->blocks[++i].quotes;
  while (!mask);
  return r->base + 64 * i + (size_t)__builtin_ctzll(mask);
}
bool json_has_escapes_far(const struct json_run *r, const uint8_t *p, const uint8_t *end);
static inline bool json_has_escapes(const struct json_run *r, const uint8_t *p, const uint8_t *end) {
  size_t from = (size_t)(p - r->base), to = (size_t)(end - r->base);
  if (from >> 6 != to >> 6)
    return json_has_escapes_far(r, p, end);
  return r->blocks[from >> 6].escapes & (~0ull << (from & 63)) & ((1ull << (to & 63)) - 1);
}

enum json_kind {
  JSON_KIND_NULL,
  JSON_KIND_TRUE,
  JSON_KIND_FALSE,
  JSON_KIND_NUMBER,
  JSON_KIND_WORD,
  JSON_KIND_STRING,
  JSON_KIND_OBJECT,
  JSON_KIND_LIST
};
struct json_token {    /* of a value; what is within lists and objects is proved to be JSON, too */
  enum json_kind kind; /* WORD: NaN, Infinity, -Infinity */
  const uint8_t *raw, *end;
  const char *text; /* of a string, without quotes and escapes; else as raw; valid until the next token */
  size_t size;
};
/* Reads any value strictly. False: the fault says why not. */
bool json_read_token(struct json_run *r, const uint8_t *p, struct json_token *out);
/* The text of the string [from, to) into scratch, behind what is there. */
bool json_unescape(struct json_run *r, const uint8_t *from, const uint8_t *to);
/* Behind a value of which nothing is wanted; only its strings and brackets are looked at. */
const uint8_t *json_skip_value(struct json_run *r, const uint8_t *p);
/* Behind a value that is proved to be JSON. */
const uint8_t *json_check_value(struct json_run *r, const uint8_t *p);

void json_parser_set(struct json_column *c); /* of a column without columns within, by its type */
json_parse_fn json_parse_any, json_parse_struct, json_parse_list, json_parse_items, json_parse_map, json_parse_json;

#endif
