/* Official cases on shared files, and how ours are written from them. */
#include "corpus.h"
#include <stdio.h>
#include <string.h>

json_t *corpus_open(const char *file) {
  char path[1024];
  json_error_t error;
  snprintf(path, sizeof path, "%s/aws/%s", corpora(), file);
  json_t *root = json_load_file(path, 0, &error);
  if (!root)
    printf("skipped: no cases in %s\n", path);
  return root;
}

const char *corpus_text(const json_t *object, const char *name) {
  return json_string_value(json_object_get(object, name));
}

void print_difference(const json_t *want, const json_t *have) {
  printf("want ");
  json_dumpf(want, stdout, JSON_SORT_KEYS);
  printf("\nhave ");
  json_dumpf(have, stdout, JSON_SORT_KEYS);
  printf("\n");
}

void assert_same_error(const struct wording *wordings, size_t n, const char *theirs, const struct sluice_error *err) {
  for (size_t i = 0; i < n; i++)
    if (strstr(theirs, wordings[i].theirs)) {
      assert_says(err, wordings[i].ours);
      return;
    }
  fail_msg("no wording of ours is known for \"%s\"; ours is \"%s\"", theirs, err->message);
}

static void write_block(struct text *out, const json_t *block) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)block, name, value) text_printf(out, "  %s = %s\n", name, json_string_value(value));
}

static void write_properties(struct text *out, const json_t *properties) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)properties, name, value) {
    text_printf(out, "%s = %s\n", name, json_is_string(value) ? json_string_value(value) : "");
    if (json_is_object(value))
      write_block(out, value);
  }
}

void corpus_write_sections(struct text *out, const char *prefix, const json_t *sections) {
  const char *name;
  json_t *properties;
  json_object_foreach((json_t *)sections, name, properties) {
    text_printf(out, "[%s %s]\n", prefix, name);
    write_properties(out, properties);
  }
}

void fake_variables(struct fake_world *fake, const json_t *object) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)object, name, value) fake_variable(fake, name, json_string_value(value));
}
