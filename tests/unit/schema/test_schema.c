/* The remembered form of schemas, and their merging. */
#include "core/schema/schema.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
/* after those that it needs */
#include <cmocka.h>

/* ---- schemas from a short text: "a:l b:u? c:+s(x:l y:g?)" ; "?" nullable, "!" no type ----------- */

static const char *parse_fields(const char *at, struct ArrowSchema *parent);

static int64_t count_fields(const char *at) {
  int64_t n = 0, depth = 0;
  for (bool inside = false; *at && depth >= 0; at++) {
    if (*at == '(')
      depth++;
    else if (*at == ')')
      depth--;
    else if (*at == ' ' && depth == 0)
      inside = false;
    else if (!inside && depth == 0) {
      inside = true;
      n++;
    }
  }
  return n;
}

static const char *parse_field(const char *at, struct ArrowSchema *out) {
  char name[32] = "", format[64] = "";
  size_t n = strcspn(at, ":");
  memcpy(name, at, n);
  at += n + 1;
  n = strcspn(at, "?( )");
  memcpy(format, at, n);
  at += n;
  if (strcmp(format, "!") == 0)
    format[0] = 0;
  int64_t flags = *at == '?' ? ARROW_FLAG_NULLABLE : 0;
  if (*at == '?')
    at++;
  if (*at != '(') {
    assert_int_equal(sluice_schema_init(out, format, name, flags), SLUICE_OK);
    return at;
  }
  assert_int_equal(sluice_schema_nested(out, format, name, flags, count_fields(at + 1)), SLUICE_OK);
  return parse_fields(at + 1, out) + 1;
}

static const char *parse_fields(const char *at, struct ArrowSchema *parent) {
  for (int64_t i = 0; i < parent->n_children; i++) {
    at += strspn(at, " ");
    at = parse_field(at, parent->children[i]);
  }
  return at;
}

static struct ArrowSchema schema_of(const char *text) {
  struct ArrowSchema out;
  assert_int_equal(sluice_schema_nested(&out, "+s", "", 0, count_fields(text)), SLUICE_OK);
  parse_fields(text, &out);
  return out;
}

/* ---- JSON --------------------------------------------------------------------------------------- */

static void assert_round_trip(const struct ArrowSchema *schema) {
  struct ArrowSchema back;
  char *text = NULL, *again = NULL;
  assert_int_equal(schema_to_json(schema, &text), SLUICE_OK);
  struct sluice_error err = {0};
  if (schema_from_json(text, &back, &err) != SLUICE_OK)
    fail_msg("%s: %s", text, err.message);
  assert_true(sluice_schema_equal(schema, &back));
  assert_int_equal(schema_to_json(&back, &again), SLUICE_OK);
  assert_string_equal(text, again);
  sluice_schema_release(&back);
  free(text);
  free(again);
}

static void round_trips(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "a:l",
      "a:l b:u? c:+s(x:l y:tsu:UTC?) d:+l(item:d:10,2?) e:+m(entries:+s(key:u value:+w:3(item:f)))",
      "n:n? unknown:! \xc3\xa4\"\\:z",
      "u:+ud:0,5(a:l b:u) r:+r(run_ends:i values:u?)",
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    struct ArrowSchema schema = schema_of(texts[i]);
    assert_round_trip(&schema);
    sluice_schema_release(&schema);
  }
}

static void form_is_fixed(void **state) {
  (void)state;
  struct ArrowSchema schema = schema_of("a:l b:+l(item:u?)");
  char *text = NULL;
  assert_int_equal(schema_to_json(&schema, &text), SLUICE_OK);
  assert_string_equal(text, "{\"name\":\"\",\"type\":\"+s\",\"nullable\":false,\"children\":["
                            "{\"name\":\"a\",\"type\":\"l\",\"nullable\":false},"
                            "{\"name\":\"b\",\"type\":\"+l\",\"nullable\":false,\"children\":["
                            "{\"name\":\"item\",\"type\":\"u\",\"nullable\":true}]}]}");
  free(text);
  sluice_schema_release(&schema);
}

static void flags_dictionary_metadata(void **state) {
  (void)state;
  static const char metadata[] = "\2\0\0\0\1\0\0\0k\3\0\0\0\0v\n\0\0\0\0\0\0\0";
  struct ArrowSchema schema = schema_of("d:i?"), words, copy, back;
  assert_int_equal(sluice_schema_init(&words, "u", "", ARROW_FLAG_NULLABLE), SLUICE_OK);
  struct ArrowSchema *field = schema.children[0];
  field->flags |= ARROW_FLAG_DICTIONARY_ORDERED | ARROW_FLAG_MAP_KEYS_SORTED;
  field->dictionary = malloc(sizeof words);
  sluice_schema_move(&words, field->dictionary);
  field->metadata = metadata;
  assert_int_equal(sluice_schema_copy(&schema, &copy), SLUICE_OK);
  field->metadata = NULL;
  assert_round_trip(&copy);
  char *text = NULL;
  assert_int_equal(schema_to_json(&copy, &text), SLUICE_OK);
  assert_int_equal(schema_from_json(text, &back, NULL), SLUICE_OK);
  assert_memory_equal(back.children[0]->metadata, metadata, sizeof metadata - 1);
  free(text);
  sluice_schema_release(&schema);
  sluice_schema_release(&copy);
  sluice_schema_release(&back);
}

static void unwritable(void **state) {
  (void)state;
  struct ArrowSchema schema = schema_of("\xff:l");
  char *text = NULL;
  assert_int_equal(schema_to_json(&schema, &text), SLUICE_ERR_DATA);
  sluice_schema_release(&schema);
  schema = schema_of("a:l");
  schema.children[0]->flags = 64;
  assert_int_equal(schema_to_json(&schema, &text), SLUICE_ERR_DATA);
  schema.children[0]->flags = 0;
  schema.children[0]->metadata = "\xff\xff\xff\xff";
  assert_int_equal(schema_to_json(&schema, &text), SLUICE_ERR_DATA);
  schema.children[0]->metadata = NULL;
  assert_null(text);
  sluice_schema_release(&schema);
}

#define FIELD(more) "{\"name\":\"a\",\"type\":\"l\"" more "}"
#define TOP(child) "{\"name\":\"\",\"type\":\"+s\",\"nullable\":false,\"children\":[" child "]}"

static void hostile_text(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "{",
      "[]",
      "null",
      "{}",
      "\"x\"",
      "{\"name\":\"a\"}",
      "{\"type\":\"l\"}",
      "{\"name\":1,\"type\":\"l\"}",
      "{\"name\":\"a\",\"type\":\"quark\"}",
      "{\"name\":\"a\",\"type\":\"+s\",\"children\":{}}",
      "{\"name\":\"a\",\"type\":\"+s\",\"children\":[1]}",
      "{\"name\":\"a\",\"type\":\"+s\",\"children\":[null]}",
      "{\"name\":\"a\",\"type\":\"+l\",\"children\":[]}",
      "{\"name\":\"a\",\"type\":\"+l\"}",
      "{\"name\":\"a\",\"type\":\"\",\"children\":[" FIELD("") "]}",
      "{\"name\":\"a\\u0000b\",\"type\":\"l\"}",
      "{\"name\":\"\xff\",\"type\":\"l\"}",
      FIELD(",\"name\":\"b\""),
      FIELD(",\"extra\":1"),
      FIELD(",\"nullable\":1"),
      FIELD(",\"ordered\":\"yes\""),
      FIELD(",\"metadata\":1"),
      FIELD(",\"metadata\":\"\""),
      FIELD(",\"metadata\":\"AAA\""),
      FIELD(",\"metadata\":\"AA==\""),
      FIELD(",\"metadata\":\"////\\n\""),
      FIELD(",\"metadata\":\"AQAAAA==\""),
      FIELD(",\"metadata\":\"/////w==\""),
      FIELD(",\"metadata\":\"AAAAAAA=\""),
      FIELD(",\"metadata\":\"AQAAAP///38=\""),
      FIELD(",\"metadata\":\"====\""),
      FIELD(",\"dictionary\":1"),
      "{\"name\":\"a\",\"type\":\"u\",\"dictionary\":" FIELD("") "}",
      TOP(FIELD(",\"children\":[" FIELD("") "]")),
      TOP(FIELD("")) "x",
      "{\"name\":\"a\",\"type\":\"+m\",\"children\":[" FIELD("") "]}",
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    struct ArrowSchema out = {0};
    struct sluice_error err = {0};
    if (schema_from_json(texts[i], &out, &err) != SLUICE_ERR_DATA)
      fail_msg("taken: %s", texts[i]);
    assert_null(out.release);
    assert_true(err.message[0]);
  }
}

static char *deep(const char *open, const char *inner, const char *close, size_t depth) {
  size_t n = depth * (strlen(open) + strlen(close)) + strlen(inner) + 1, at = 0;
  char *text = malloc(n);
  for (size_t i = 0; i < depth; i++)
    at += (size_t)snprintf(text + at, n - at, "%s", open);
  at += (size_t)snprintf(text + at, n - at, "%s", inner);
  for (size_t i = 0; i < depth; i++)
    at += (size_t)snprintf(text + at, n - at, "%s", close);
  return text;
}

static void deep_text(void **state) {
  (void)state;
  static const size_t depths[] = {60, 65, 900, 200000};
  for (size_t i = 0; i < 4; i++) {
    char *text = deep("{\"name\":\"a\",\"type\":\"+l\",\"children\":[", FIELD(""), "]}", depths[i]);
    struct ArrowSchema out = {0};
    assert_int_equal(schema_from_json(text, &out, NULL), depths[i] == 60 ? SLUICE_OK : SLUICE_ERR_DATA);
    sluice_schema_release(&out);
    free(text);
  }
}

/* ---- merging ------------------------------------------------------------------------------------ */

static void assert_merges(const char *a, const char *b, const char *expected) {
  struct ArrowSchema x = schema_of(a), y = schema_of(b), want = schema_of(expected), got;
  struct sluice_error err = {0};
  if (schema_merge(&x, &y, &got, &err) != SLUICE_OK)
    fail_msg("%s", err.message);
  if (!sluice_schema_equal(&want, &got)) {
    char *text = NULL;
    schema_to_json(&got, &text);
    fail_msg("%s + %s = %s, not %s", a, b, text, expected);
  }
  sluice_schema_release(&x), sluice_schema_release(&y), sluice_schema_release(&want), sluice_schema_release(&got);
}

static void columns(void **state) {
  (void)state;
  assert_merges("", "", "");
  assert_merges("a:l b:u", "a:l b:u", "a:l b:u");
  assert_merges("a:l b:u", "b:u a:l", "a:l b:u");
  assert_merges("a:l b:u", "c:g b:u?", "a:l? b:u? c:g?");
  assert_merges("", "a:l", "a:l?");
  assert_merges("x:l x:u", "x:l x:u x:g", "x:l x:u x:g?"); /* the second of a name with the second */
}

static void both_ways(const char *a, const char *b, const char *expected) {
  assert_merges(a, b, expected);
  assert_merges(b, a, expected);
}

static void types(void **state) {
  (void)state;
  both_ways("a:l", "a:g", "a:g");
  both_ways("a:i", "a:l?", "a:l?");
  both_ways("a:C", "a:c", "a:s");
  both_ways("a:I", "a:c", "a:l");
  both_ways("a:L", "a:c", "a:u");
  both_ways("a:C", "a:I", "a:I");
  both_ways("a:f", "a:g", "a:g");
  both_ways("a:f", "a:s", "a:g");
  both_ways("a:L", "a:g", "a:g");
  both_ways("a:tdD", "a:tsu:UTC", "a:tsu:UTC");
  both_ways("a:tss:", "a:tsu:", "a:tsu:");
  both_ways("a:tsn:UTC", "a:tsm:UTC", "a:tsn:UTC");
  both_ways("a:tsu:", "a:tsu:UTC", "a:u");
  both_ways("a:n", "a:l", "a:l?");
  both_ways("a:n?", "a:+s(x:l)", "a:+s?(x:l)");
  both_ways("a:!", "a:l", "a:l");
  both_ways("a:!?", "a:l", "a:l?");
  both_ways("a:!", "a:!", "a:!");
  both_ways("a:n?", "a:!", "a:n?");
  both_ways("a:b", "a:l", "a:u");
  both_ways("a:l", "a:u", "a:u");
  both_ways("a:tdD", "a:l?", "a:u?");
  both_ways("a:ttu", "a:tsu:", "a:u");
  both_ways("a:l", "a:+s(x:l)", "a:u");
  both_ways("a:+l(item:l)", "a:+s(x:l)", "a:u");
  both_ways("a:d:10,2", "a:d:10,3", "a:u");
  both_ways("a:d:10,2", "a:d:10,2", "a:d:10,2");
}

static void nested(void **state) {
  (void)state;
  assert_merges("a:+s(x:l y:u)", "a:+s?(z:l x:g)", "a:+s?(x:g y:u? z:l?)");
  assert_merges("a:+l(item:l)", "a:+l(element:g?)", "a:+l(item:g?)");
  assert_merges("a:+l(item:+s(x:l))", "a:+l(item:+s(y:u))", "a:+l(item:+s(x:l? y:u?))");
  assert_merges("a:+m(entries:+s(key:u value:l))", "a:+m(kv:+s(k:u v:g?))", "a:+m(entries:+s(key:u value:g?))");
  assert_merges("a:+w:2(item:l)", "a:+w:2(item:g)", "a:+w:2(item:g)");
  assert_merges("a:+w:2(item:l)", "a:+w:3(item:l)", "a:u");
  assert_merges("a:+ud:0,1(x:l y:u)", "a:+ud:0,1(x:l y:u)", "a:+ud:0,1(x:l y:u)");
  assert_merges("a:+ud:0,1(x:l y:u)", "a:+ud:0,1(x:g y:u)", "a:u");
}

static struct ArrowSchema with_dictionary(const char *index, const char *values) {
  struct ArrowSchema schema = schema_of("a:i");
  schema.children[0]->format = index;
  schema.children[0]->dictionary = malloc(sizeof schema);
  assert_int_equal(sluice_schema_init(schema.children[0]->dictionary, values, "", 0), SLUICE_OK);
  return schema;
}

static void dictionaries(void **state) {
  (void)state;
  struct ArrowSchema a = with_dictionary("i", "u"), b = with_dictionary("c", "u"), plain = schema_of("a:u"), out;
  assert_int_equal(schema_merge(&a, &a, &out, NULL), SLUICE_OK);
  assert_true(sluice_schema_equal(&a, &out));
  sluice_schema_release(&out);
  assert_int_equal(schema_merge(&a, &b, &out, NULL), SLUICE_OK);
  assert_true(sluice_schema_equal(&plain, &out));
  sluice_schema_release(&out);
  assert_int_equal(schema_merge(&plain, &b, &out, NULL), SLUICE_OK);
  assert_true(sluice_schema_equal(&plain, &out));
  sluice_schema_release(&out);
  assert_int_equal(schema_merge(a.children[0], &b, &out, NULL), SLUICE_ERR_DATA);
  sluice_schema_release(&a), sluice_schema_release(&b), sluice_schema_release(&plain);
}

/* Many columns: no quadratic time. */
static void wide(void **state) {
  (void)state;
  enum { N = 100000 };
  struct ArrowSchema a, b, out;
  char name[16];
  assert_int_equal(sluice_schema_nested(&a, "+s", "", 0, N), SLUICE_OK);
  assert_int_equal(sluice_schema_nested(&b, "+s", "", 0, N), SLUICE_OK);
  for (int i = 0; i < N; i++) {
    snprintf(name, sizeof name, "c%d", i);
    assert_int_equal(sluice_schema_init(a.children[i], "l", name, 0), SLUICE_OK);
    assert_int_equal(sluice_schema_init(b.children[N - 1 - i], "g", name, 0), SLUICE_OK);
  }
  assert_int_equal(schema_merge(&a, &b, &out, NULL), SLUICE_OK);
  assert_int_equal(out.n_children, N);
  assert_string_equal(out.children[N - 1]->name, "c99999");
  assert_string_equal(out.children[N - 1]->format, "g");
  sluice_schema_release(&a), sluice_schema_release(&b), sluice_schema_release(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(round_trips),  cmocka_unit_test(form_is_fixed), cmocka_unit_test(flags_dictionary_metadata),
      cmocka_unit_test(unwritable),   cmocka_unit_test(hostile_text),  cmocka_unit_test(deep_text),
      cmocka_unit_test(columns),      cmocka_unit_test(types),         cmocka_unit_test(nested),
      cmocka_unit_test(dictionaries), cmocka_unit_test(wide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
