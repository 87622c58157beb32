/* The official endpoint cases: files of parameters and the URL or error that they must give. */
#include "cases.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cases_open(const char *file, struct cases *out) {
  char path[1024];
  json_error_t error;
  const char *corpora = getenv("SLUICE_CORPORA");
  snprintf(path, sizeof path, "%s/aws/%s", corpora && *corpora ? corpora : SLUICE_CORPORA_DIR, file);
  memset(out, 0, sizeof *out);
  out->root = json_load_file(path, 0, &error);
  if (!out->root)
    printf("skipped: no cases in %s\n", path);
  return out->root != NULL;
}

static json_t *list(const struct cases *cases) {
  return json_object_get(cases->root, "testCases");
}

size_t cases_count(const struct cases *cases) {
  return json_array_size(list(cases));
}

static const char *signing_region(const json_t *endpoint) {
  json_t *schemes = json_object_get(json_object_get(endpoint, "properties"), "authSchemes");
  json_t *first = json_array_get(schemes, 0);
  const char *name = json_string_value(json_object_get(first, "name"));
  return name && strcmp(name, "sigv4") == 0 ? json_string_value(json_object_get(first, "signingRegion")) : NULL;
}

void cases_get(const struct cases *cases, size_t i, struct one_case *out) {
  json_t *item = json_array_get(list(cases), i);
  json_t *expect = json_object_get(item, "expect");
  json_t *endpoint = json_object_get(expect, "endpoint");
  out->about = json_string_value(json_object_get(item, "documentation"));
  if (!out->about)
    out->about = "(no name)";
  out->params = json_object_get(item, "params");
  out->url = json_string_value(json_object_get(endpoint, "url"));
  out->error = json_string_value(json_object_get(expect, "error"));
  out->signing_region = signing_region(endpoint);
}

void cases_leave_out(struct cases *cases, const char *reason) {
  size_t i = 0;
  size_t last = sizeof cases->left_out / sizeof cases->left_out[0] - 1;
  while (i < last && cases->left_out[i].reason && strcmp(cases->left_out[i].reason, reason) != 0)
    i++;
  cases->left_out[i].reason = reason;
  cases->left_out[i].count++;
}

void cases_compare(struct cases *cases, const struct one_case *one, const char *what, const char *want,
                   const char *have) {
  if (strcmp(want, have) == 0)
    return;
  char *params = json_dumps(one->params, JSON_COMPACT | JSON_SORT_KEYS);
  printf("%s %s\n  %s: want %s\n  have %s\n", one->about, params ? params : "", what, want, have);
  free(params);
  cases->failed++;
}

int cases_close(struct cases *cases, const char *title) {
  size_t count = cases_count(cases);
  int sum = cases->ran;
  printf("%s: %d of %zu cases ran, %d differences\n", title, cases->ran, count, cases->failed);
  for (size_t i = 0; i < sizeof cases->left_out / sizeof cases->left_out[0]; i++)
    if (cases->left_out[i].count) {
      printf("  left out %3d: %s\n", cases->left_out[i].count, cases->left_out[i].reason);
      sum += cases->left_out[i].count;
    }
  if (count == 0 || (size_t)sum != count) {
    printf("  %d cases are accounted for, the file has %zu\n", sum, count);
    cases->failed++;
  }
  json_decref(cases->root);
  return cases->failed;
}

const char *case_text(const struct one_case *one, const char *name) {
  return json_string_value(json_object_get(one->params, name));
}

bool case_true(const struct one_case *one, const char *name) {
  return json_is_true(json_object_get(one->params, name));
}

bool case_false(const struct one_case *one, const char *name) {
  return json_is_false(json_object_get(one->params, name));
}
