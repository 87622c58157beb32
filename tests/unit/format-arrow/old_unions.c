/* Unions of metadata V4 with a bitmap of their own: a null becomes one of the child that the type code picks. */
#include "cmocka_all.h"

#include "craft.h"
#include "kit.h"
#include <stdlib.h>

enum { SPARSE, DENSE, KIND_RECORDS = 3, V4 = 3 };

struct union_case {
  int mode, tag; /* the tag of child b; child a is an int32 */
  int32_t width; /* of child b, where that is a fixed binary */
  int64_t rows, nulls, in_a, in_b;
  const int64_t *buffers;
  size_t n_buffers;
  const void *body;
  size_t size;
  const char *reads;
};

static size_t table_of_b(struct craft *c, const struct union_case *u) {
  if (u->tag == SLUICE_IPC_INT)
    return craft_int(c, 32);
  flat_open(&c->flat);
  flat_number(&c->flat, 0, u->width, 4);
  return flat_close(&c->flat, 1);
}

static void schema(struct craft *c, const struct union_case *u) {
  struct flat *f = &c->flat;
  static const int32_t codes[] = {0, 5};
  size_t fields[] = {craft_field(c, "a", SLUICE_IPC_INT, craft_int(c, 32), 0),
                     craft_field(c, "b", u->tag, table_of_b(c, u), 0)};
  c->children = flat_references(f, fields, 2);
  size_t list = flat_vector(f, codes, 2, 4, 4);
  flat_open(f);
  flat_number(f, 0, u->mode, 2);
  flat_reference(f, 1, list);
  craft_schema(c, SLUICE_IPC_UNION, flat_close(f, 2));
}

static void assert_reads(const struct union_case *u) {
  struct craft c;
  const int64_t nodes[] = {u->rows, u->nulls, u->in_a, 0, u->in_b, 0};
  craft_init(&c);
  c.version = V4;
  schema(&c, u);
  craft_message(&c, KIND_RECORDS, craft_batch(&c, u->rows, nodes, 3, u->buffers, u->n_buffers, 0), u->body, u->size);
  char *text = craft_read(&c);
  if (u->reads[0] == '~')
    assert_non_null(strstr(text, u->reads + 1));
  else
    assert_string_equal(text, u->reads);
  free(text);
  craft_finish(&c);
}

/* Rows: 10, null, 20, null, 11. The first null has a code and an offset that are none, as old writers left them; the
 * second points to the slot of 20. */
static const int64_t dense_buffers[] = {0, 1, 8, 5, 16, 20, 0, 0, 40, 8, 0, 0, 48, 4};
struct dense_body {
  uint8_t bitmap[8];
  int8_t codes[8];
  int32_t offsets[6], a[2], b[2];
};

static void dense(void **state) {
  struct dense_body body = {{0x15}, {0, 9, 5, 5, 0}, {0, 77, 0, 0, 1}, {10, 11}, {20}};
  struct union_case u = {DENSE, SLUICE_IPC_INT, 0, 5, 2, 2, 1, dense_buffers, 7, &body, sizeof body, ""};
  (void)state;
  u.reads = "0:10\n0:null\n5:20\n5:null\n0:11\n";
  assert_reads(&u);
  u.nulls = -1; /* not counted */
  assert_reads(&u);
  u.nulls = 0; /* then the bitmap is not looked at, and the codes must be right */
  u.reads = "~type code";
  assert_reads(&u);
  body.codes[1] = 5;
  u.reads = "~offset";
  assert_reads(&u);
}

static void sparse(void **state) {
  static const struct {
    uint8_t bitmap[8];
    int8_t codes[8];
    int32_t a[4], b[4];
  } body = {{0x5}, {0, 9, 5}, {1, 2, 3}, {4, 7, 6}};
  static const int64_t buffers[] = {0, 1, 8, 3, 0, 0, 16, 12, 0, 0, 32, 12};
  static const struct union_case u = {SPARSE, SLUICE_IPC_INT, 0, 3,     1,           3,
                                      3,      buffers,        6, &body, sizeof body, "0:1\n0:null\n5:6\n"};
  (void)state;
  assert_reads(&u);
}

static void hostile(void **state) {
  struct dense_body body = {{0x15}, {0, 5, 5, 5, 0}, {0, 0, 3, 0, 1}, {10, 11}, {20}};
  int64_t buffers[14];
  struct union_case u = {DENSE, SLUICE_IPC_INT, 0, 5, 2, 2, 1, buffers, 7, &body, sizeof body, ""};
  (void)state;
  memcpy(buffers, dense_buffers, sizeof buffers);
  u.reads = "~an offset beyond the union's child";
  assert_reads(&u);
  buffers[1] = 0;
  u.reads = "~too few for 5 values";
  assert_reads(&u);
  buffers[1] = 1;
  body.offsets[2] = 0;
  u.tag = SLUICE_IPC_FIXED_BINARY; /* two nulls of half a GiB each */
  u.width = 1 << 29;
  u.in_b = 0;
  u.reads = "~the nulls of a union would take more than 256 MiB";
  assert_reads(&u);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(dense), cmocka_unit_test(sparse), cmocka_unit_test(hostile)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
