/* What an encoder compiles a schema to: one flat block of nodes, each with the writer of its type. Private to
 * core/encode.
 *
 * Room in the output: `slack` is the sum over all nodes of what each writes at most, apart from its text, its bytes and
 * its items. The invariant is that slack bytes are free whenever a node starts. The start of a row and of an item, text
 * and bytes ask for it (room_for); between two such places each node writes at most once, so all else is written
 * unchecked. */
#ifndef SLUICE_CORE_ENCODE_PROGRAM_H
#define SLUICE_CORE_ENCODE_PROGRAM_H
#include <sluice/arrow.h>
#include <sluice/services.h>

enum { ENCODE_REJECT = 2 /* beside SLUICE_OK and the errors: this record has no encoding */ };
enum { ENCODE_PAD = 16 /* bytes that may be written past the end, so that short copies are of fixed size */ };

enum node_kind { NODE_NULL, NODE_PLAIN, NODE_QUOTED, NODE_REAL, NODE_TEXT, NODE_BINARY, NODE_NESTED, NODE_INDIRECT };

struct encoder;
struct node;
/* i is the index in the array's buffers, its offset included; the value is not null. */
typedef int node_write(struct encoder *, struct node *, int64_t i);
typedef size_t node_print(const struct node *, int64_t i, char *out); /* 0: not finite */
typedef int node_step(struct encoder *, struct node *, int64_t i, struct node **to,
                      int64_t *j); /* j: before to's offset */

struct node {
  node_write *write;
  node_print *print; /* PLAIN, QUOTED, REAL: at most SLUICE_TEXT_MAX bytes, without quotes */
  node_step *step;   /* INDIRECT: to the value that stands here */
  enum node_kind kind;
  struct sluice_type type;
  char *key; /* `,"name":`, padded so that it can be read in blocks of ENCODE_PAD */
  size_t key_size;
  char *path; /* "a.b", for rejects */
  struct node *children;
  int64_t n_children;
  bool dictionary;
  int8_t *codes; /* unions: the child of a type code; -1: none */
  /* of the batch that is bound */
  const struct ArrowArray *array;
  const uint8_t *validity;
  const void *values, *extra;
  int64_t offset, length;
  int64_t run; /* run-ends: where the last value was found */
};

struct encoder {
  char *at, *end; /* in `out` */
  size_t slack, row_start;
  struct sluice_buffer out, ends;
  struct node *nodes; /* the first is the record */
  size_t n_nodes;
  bool csv, line_ends;
  bool nan_text, nan_null; /* as asked for; neither: text in CSV cells, null in JSON */
  struct ArrowSchema ipc;  /* released: the output is text */
  const struct node *blame;
  char reason[160];
};

/* Compiles the schema (depth first, children of a node side by side); the nodes own what they hold. */
int program_compile(struct encoder *, const struct ArrowSchema *, struct sluice_error *);
void program_free(struct encoder *);
/* Binds the nodes to a batch's arrays, which must have the shape of the schema. */
int program_bind(struct encoder *, const struct ArrowArray *, struct sluice_error *);

/* Chooses what writes the values of a node's type; false: no such type. */
bool scalar_choose(struct node *);
bool nested_choose(struct node *);
bool mixed_choose(struct node *); /* NULL type, text, binary, unions, run-ends */
void mixed_choose_dictionary(struct node *);

int row_write_json(struct encoder *, int64_t i);
int row_write_csv(struct encoder *, int64_t i);

/* Says why the record cannot be written; returns ENCODE_REJECT. */
int encode_reject(struct encoder *, const struct node *, const char *reason);
/* Makes room for n + slack bytes: OK, ENCODE_REJECT (the record is too large) or MEMORY. */
int encode_grow(struct encoder *, size_t n);
static inline int room_for(struct encoder *e, size_t n) {
  size_t room = (size_t)(e->end - e->at);
  return room >= n && room - n >= e->slack ? SLUICE_OK : encode_grow(e, n);
}

/* Text in quotes; or in a CSV cell. */
int write_text(struct encoder *, const struct node *, const uint8_t *text, size_t n);
int write_cell_text(struct encoder *, const struct node *, const uint8_t *text, size_t n);
/* Doubles the quotes in the last n bytes written and puts the whole in quotes. */
int write_quoted_again(struct encoder *, size_t n);
int write_base64(struct encoder *, const uint8_t *bytes, size_t n); /* without quotes */
const char *real_name(const struct node *, int64_t i);              /* "NaN", "Infinity" or "-Infinity" */
/* The bytes of a text or binary value. */
int node_bytes(struct encoder *, const struct node *, int64_t i, const uint8_t **bytes, size_t *n);
/* Length of the text as JSON escapes it, without quotes; out needs 6 * n + 8 bytes. *high gets the bits of all its
 * bytes. */
size_t escape_json(const uint8_t *text, size_t n, char *out, uint64_t *high);

static inline void put(struct encoder *e, const char *text, size_t n) {
  memcpy(e->at, text, n);
  e->at += n;
}
static inline void put_char(struct encoder *e, char c) {
  *e->at++ = c;
}
static inline void put_key(struct encoder *e, const struct node *n) {
  for (size_t i = 0; i < n->key_size; i += ENCODE_PAD)
    memcpy(e->at + i, n->key + i, ENCODE_PAD);
  e->at += n->key_size;
}
static inline bool node_null(const struct node *n, int64_t i) {
  return n->validity && !sluice_bit(n->validity, i);
}
/* The JSON of value i of the node's array, counted before its offset. */
static inline int node_value(struct encoder *e, struct node *n, int64_t i) {
  i += n->offset;
  if (!node_null(n, i))
    return n->write(e, n, i);
  put(e, "null", 4);
  return SLUICE_OK;
}

#endif
