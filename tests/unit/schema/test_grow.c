/* Fields that one schema has and another lacks, found and added. */
#include "core/schema/schema.h"
#include "failing.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
/* after those that it needs */
#include <cmocka.h>

/* A schema from its remembered form: "[a, b]" of columns. */
static struct ArrowSchema schema_of(const char *columns) {
  char text[2000];
  struct ArrowSchema out;
  struct sluice_error err = {0};
  snprintf(text, sizeof text, "{\"name\":\"\",\"type\":\"+s\",\"nullable\":false,\"children\":[%s]}", columns);
  if (schema_from_json(text, &out, &err))
    fail_msg("%s: %s", columns, err.message);
  return out;
}

#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\",\"nullable\":true}"
#define NEEDED(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\",\"nullable\":false}"
#define NESTED(name, type, children)                                                                                   \
  "{\"name\":\"" name "\",\"type\":\"" type "\",\"nullable\":true,\"children\":[" children "]}"
#define MAP(name, value) NESTED(name, "+m", NESTED("entries", "+s", NEEDED("key", "u") "," value))

struct paths {
  char text[300];
  int stop_after;
};

static int note(void *context, const struct schema_new *new) {
  struct paths *p = context;
  size_t n = strlen(p->text);
  snprintf(p->text + n, sizeof p->text - n, "%s:%s%s ", new->path, new->field->format, new->repeated ? "*" : "");
  return --p->stop_after == 0 ? SLUICE_ERR_CANCELLED : SLUICE_OK;
}

/* Of `more`, what `base` lacks; and all together. */
static void assert_grows(const char *base, const char *more, const char *paths, const char *grown) {
  struct ArrowSchema a = schema_of(base), b = schema_of(more), want = schema_of(grown), got;
  struct paths found = {{0}, 0};
  assert_int_equal(schema_find_new(&a, &b, note, &found), SLUICE_OK);
  assert_string_equal(found.text, paths);
  assert_int_equal(schema_append(&a, &b, &got), SLUICE_OK);
  if (!sluice_schema_equal(&got, &want)) {
    char *text = NULL;
    schema_to_json(&got, &text);
    fail_msg("%s", text);
  }
  memset(&found, 0, sizeof found);
  assert_int_equal(schema_find_new(&got, &b, note, &found), SLUICE_OK);
  assert_string_equal(found.text, ""); /* else a run would go on for ever */
  sluice_schema_release(&a);
  sluice_schema_release(&b);
  sluice_schema_release(&want);
  sluice_schema_release(&got);
}

static void columns(void **state) {
  (void)state;
  assert_grows(FIELD("a", "l"), NEEDED("b", "u") "," FIELD("a", "g"), "b:u ", FIELD("a", "l") "," FIELD("b", "u"));
  assert_grows(FIELD("a", "l"), FIELD("a", "l"), "", FIELD("a", "l"));
  assert_grows("", FIELD("a", "l"), "a:l ", FIELD("a", "l"));
}

static void structs(void **state) {
  (void)state;
  assert_grows(NESTED("o", "+s", FIELD("a", "l")), NESTED("o", "+s", NEEDED("b", "u") "," FIELD("a", "l")), "o.b:u ",
               NESTED("o", "+s", FIELD("a", "l") "," FIELD("b", "u")));
  assert_grows(NESTED("o", "+s", FIELD("a", "l") "," NESTED("in", "+s", NEEDED("x", "l"))),
               NESTED("o", "+s", NESTED("in", "+s", FIELD("y", "g")) "," NESTED("z", "+s", FIELD("w", "l"))),
               "o.in.y:g o.z:+s ",
               NESTED("o", "+s",
                      FIELD("a", "l") "," NESTED("in", "+s", NEEDED("x", "l") "," FIELD("y", "g")) "," NESTED(
                          "z", "+s", FIELD("w", "l"))));
}

static void lists_and_maps(void **state) {
  (void)state;
  assert_grows(NESTED("l", "+l", NESTED("item", "+s", FIELD("a", "l"))),
               NESTED("l", "+L", NESTED("element", "+s", FIELD("b", "l"))), "l[].b:l* ",
               NESTED("l", "+l", NESTED("item", "+s", FIELD("a", "l") "," FIELD("b", "l"))));
  assert_grows(MAP("m", NESTED("value", "+s", FIELD("a", "l"))), MAP("m", NESTED("v", "+s", FIELD("b", "l"))),
               "m[].v.b:l* ", MAP("m", NESTED("value", "+s", FIELD("a", "l") "," FIELD("b", "l"))));
}

/* Another type is no matter of new fields: that of the first stays. */
static void other_types_stay(void **state) {
  (void)state;
  assert_grows(FIELD("o", "l"), NESTED("o", "+s", FIELD("b", "l")), "", FIELD("o", "l"));
  assert_grows(NESTED("o", "+s", FIELD("a", "l")), FIELD("o", "u"), "", NESTED("o", "+s", FIELD("a", "l")));
  assert_grows(NESTED("o", "+l", FIELD("item", "l")), NESTED("o", "+s", FIELD("b", "l")), "",
               NESTED("o", "+l", FIELD("item", "l")));
}

static void fields_of_one_name_stay_apart(void **state) {
  (void)state;
  assert_grows(NESTED("o", "+s", FIELD("x", "l") "," FIELD("y", "l") "," FIELD("x", "u")),
               NESTED("o", "+s", FIELD("x", "l") "," FIELD("x", "u") "," FIELD("x", "g")), "o.x:g ",
               NESTED("o", "+s", FIELD("x", "l") "," FIELD("y", "l") "," FIELD("x", "u") "," FIELD("x", "g")));
}

static void it_can_be_stopped(void **state) {
  (void)state;
  struct ArrowSchema a = schema_of(""), b = schema_of(FIELD("a", "l") "," FIELD("b", "l") "," FIELD("c", "l"));
  struct paths found = {{0}, 2};
  assert_int_equal(schema_find_new(&a, &b, note, &found), SLUICE_ERR_CANCELLED);
  assert_string_equal(found.text, "a:l b:l ");
  sluice_schema_release(&a);
  sluice_schema_release(&b);
}

/* A path that is too long is cut; all is found all the same. */
static void long_names(void **state) {
  (void)state;
  char name[300], base[900], more[900];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = 0;
  snprintf(base, sizeof base, NESTED("%s", "+s", FIELD("a", "l")), name);
  snprintf(more, sizeof more, NESTED("%s", "+s", FIELD("%s", "l")), name, name);
  struct ArrowSchema a = schema_of(base), b = schema_of(more), got;
  struct paths found = {{0}, 1};
  assert_int_equal(schema_find_new(&a, &b, note, &found), SLUICE_ERR_CANCELLED);
  assert_int_equal(schema_append(&a, &b, &got), SLUICE_OK);
  assert_int_equal(got.children[0]->n_children, 2);
  sluice_schema_release(&a);
  sluice_schema_release(&b);
  sluice_schema_release(&got);
}

static void survives_every_failed_allocation(void **state) {
  (void)state;
  struct ArrowSchema a = schema_of(NESTED("o", "+s", FIELD("a", "l"))), got;
  struct ArrowSchema b = schema_of(NESTED("o", "+s", FIELD("b", "l")) "," FIELD("c", "l"));
  int64_t n = 0, live = failing_live;
  for (bool reached = true; reached; n++) {
    failing_in = n;
    int code = schema_append(&a, &b, &got);
    reached = failing_in < 0;
    failing_in = -1;
    assert_int_equal(code, reached ? SLUICE_ERR_MEMORY : SLUICE_OK);
    if (!code)
      sluice_schema_release(&got);
    assert_int_equal(failing_live, live);
  }
  assert_true(n > 10);
  sluice_schema_release(&a);
  sluice_schema_release(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns),           cmocka_unit_test(structs),
      cmocka_unit_test(lists_and_maps),    cmocka_unit_test(other_types_stay),
      cmocka_unit_test(it_can_be_stopped), cmocka_unit_test(fields_of_one_name_stay_apart),
      cmocka_unit_test(long_names),        cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
