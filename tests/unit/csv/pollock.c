/* The Pollock files, each against its clean version: once in the dialect that comes with it, once in the one that is
 * found. What differs is printed and counted. */
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "table.h"
#include <dirent.h>
#include <stdlib.h>

static char root[1024];

/* Files that differ, by how their names begin, and why. A name that is not here must be equal. */
static const struct excuse {
  const char *begins, *why;
} excuses[] = {
    {"row_more_sep_", "where the delimiter too many stands, nothing tells"},
    {"row_less_sep_", "where the delimiter is missing, nothing tells"},
    {"row_field_delimiter_", "one record has another delimiter than all others"},
    {"file_field_delimiter_0x20", "spaces in fields are not quoted"},
    {"file_multitable_same", "two tables below one another, and the clean version has one"},
    {"permanent_secretary", "a header of three rows with blank ones, which comes again and again"},
    {"workforce-management", "a header of three rows, not all of which are as wide"},
    {"Wakefield Council", "the clean version lacks 133 records"},
    {"Copy_of_2016-17", "the clean version has other characters in place of pounds"},
    {"2004-2016", "the clean version has empty cells in place of \"missing\""},
    {"dd_Wickenburg", "the parameters say 13 header rows, 12 of which are none"},
};

static const char *excuse_of(const char *name) {
  for (size_t i = 0; i < sizeof excuses / sizeof *excuses; i++)
    if (strncmp(name, excuses[i].begins, strlen(excuses[i].begins)) == 0)
      return excuses[i].why;
  return NULL;
}

struct counts {
  int files, equal, unexcused;
  size_t rows, same;
};

static const char *text_of(const json_t *parameters, const char *name) {
  const char *text = json_string_value(json_object_get(parameters, name));
  return text ? text : "";
}

static long number_of(const json_t *parameters, const char *name) {
  const json_t *value = json_object_get(parameters, name);
  return json_is_string(value) ? strtol(json_string_value(value), NULL, 10) : (long)json_integer_value(value);
}

/* The dialect as the parameters of the file have it. */
static void write_settings(const json_t *p, char *out, size_t size) {
  const char *escape = text_of(p, "escapechar"), *quote = text_of(p, "quotechar"), *encoding = text_of(p, "encoding");
  const char *delimiter = text_of(p, "delimiter");
  snprintf(out, size,
           "delimiter = %s\nquote = %s\nescape = %s\nheader_rows = %ld\nskip_rows = %ld\nskip_footer = %ld\n"
           "encoding = %s\nragged = fit\nlone_quotes = text\ninvalid_utf8 = replace\n",
           delimiter[0] ? delimiter : ",", quote, strcmp(escape, quote) == 0 ? "" : escape,
           number_of(p, "header_lines"), number_of(p, "preamble_lines"), number_of(p, "footnote_lines"),
           encoding[0] ? encoding : "auto");
}

static bool is_made_up(const json_t *row) {
  const char *first = json_string_value(json_array_get(row, 0));
  return first && strncmp(first, "col_", 4) == 0;
}

/* Blank names become numbers, and equal ones are set apart: what the clean version has is there all the same. */
static json_t *names_as_in(const json_t *names, const json_t *clean) {
  json_t *row = json_array();
  for (size_t i = 0; i < json_array_size(names); i++) {
    const char *name = json_string_value(json_array_get(names, i));
    const char *as = json_string_value(json_array_get(clean, i));
    size_t n = as ? strlen(as) : 0;
    bool renamed = as && strncmp(name, as, n) == 0 &&
                   (n == 0 || (name[n] == '_' && strspn(name + n + 1, "0123456789") == strlen(name + n + 1)));
    json_array_append_new(row, json_string(renamed ? as : name));
  }
  return row;
}

/* The clean versions are read as wide as their first record is: a column behind it is not compared. */
static void cut_rows(json_t *rows, size_t width) {
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row) {
    while (width && json_array_size(row) > width)
      json_array_remove(row, json_array_size(row) - 1);
  }
}

/* The header counts as a row where there is one; the clean version has made up names where there is none. */
static void compare(const char *name, const struct table *got, const struct table *clean, bool header,
                    struct counts *n) {
  json_t *a = json_copy(got->rows), *b = json_copy(clean->rows);
  if (header)
    json_array_insert_new(a, 0, names_as_in(got->names, json_array_get(b, 0)));
  if (json_array_size(b) && is_made_up(json_array_get(b, 0)))
    json_array_remove(b, 0);
  cut_rows(a, json_array_size(json_array_get(b, 0)));
  size_t rows = json_array_size(b), same = table_same_rows(a, b);
  bool equal = got->rc == SLUICE_END && json_equal(a, b);
  const char *why = excuse_of(name);
  n->unexcused += !equal && !why;
  if (!equal)
    printf("    %s: %zu of %zu rows, %zu read, %lld rejects%s%s (%s)\n", name, same, rows, json_array_size(a),
           (long long)got->rejects, got->message[0] ? ": " : "", got->message, why ? why : "no excuse");
  n->files++;
  n->equal += equal;
  n->rows += rows;
  n->same += same;
  json_decref(a);
  json_decref(b);
}

static void visit(const char *folder, const char *name, bool sniff, struct counts *n) {
  char path[3000], settings[1000];
  snprintf(path, sizeof path, "%s/formats/pollock/%s/parameters/%s_parameters.json", root, folder, name);
  json_t *p = json_load_file(path, 0, NULL);
  assert_non_null(p);
  write_settings(p, settings, sizeof settings);
  if (sniff)
    snprintf(settings, sizeof settings, "encoding = %s\nragged = fit\nlone_quotes = text\ninvalid_utf8 = replace\n",
             text_of(p, "encoding")[0] ? text_of(p, "encoding") : "auto");
  snprintf(path, sizeof path, "%s/formats/pollock/%s/csv/%s", root, folder, name);
  struct table got = table_read(path, settings, sniff);
  snprintf(path, sizeof path, "%s/formats/pollock/%s/clean/%s", root, folder, name);
  struct table clean = table_read(path, "header = false\nragged = fit\n", false);
  bool header = json_array_size(got.names) && strcmp(json_string_value(json_array_get(got.names, 0)), "0") != 0;
  compare(name, &got, &clean, header, n);
  table_finish(&got);
  table_finish(&clean);
  json_decref(p);
}

/* Runs over the files of a folder; false: there is no such folder. */
static bool each_file(const char *folder, bool sniff, struct counts *n) {
  char path[2000];
  snprintf(path, sizeof path, "%s/formats/pollock/%s/csv", root, folder);
  DIR *dir = opendir(path);
  if (!dir) {
    printf("skipped: no folder %s\n", path);
    return false;
  }
  for (struct dirent *e = readdir(dir); e; e = readdir(dir))
    if (e->d_name[0] != '.')
      visit(folder, e->d_name, sniff, n);
  closedir(dir);
  printf("%s, dialect %s: %d files, %d equal; %zu of %zu rows\n", folder, sniff ? "found" : "given", n->files, n->equal,
         n->same, n->rows);
  return true;
}

static void polluted(void **state) {
  struct counts given = {0}, found = {0};
  (void)state;
  if (!each_file("polluted_files", false, &given) || !each_file("polluted_files", true, &found))
    return;
  assert_int_equal(given.unexcused + found.unexcused, 0);
  assert_true(given.equal >= 41 && given.same >= 8625); /* may only grow */
  assert_true(found.equal >= 39 && found.same >= 8588);
}

static void survey(void **state) {
  struct counts given = {0}, found = {0};
  (void)state;
  if (!each_file("survey_sample", false, &given) || !each_file("survey_sample", true, &found))
    return;
  assert_int_equal(given.unexcused + found.unexcused, 0);
  assert_true(given.equal >= 20 && given.same >= 28896); /* may only grow */
  assert_true(found.equal >= 21 && found.same >= 28876);
}

int main(void) {
  const char *env = getenv("SLUICE_CORPORA");
  const struct CMUnitTest tests[] = {cmocka_unit_test(polluted), cmocka_unit_test(survey)};
  snprintf(root, sizeof root, "%s", env ? env : CSV_CORPORA);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
