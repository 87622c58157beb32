/* Expansion of ${...} in texts. */
#include "core/config/expand.h"
#include "core/base/file.h"
#include <stdlib.h>

enum { FILE_LIMIT = 64 << 10 };

static bool isolated;

void expand_isolate(void) {
  isolated = true;
}
bool expand_isolated(void) {
  return isolated;
}

static int no_memory(const char *where, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, where, "no memory, or the text is longer than %d MiB", 16);
}

static int expand_file(const char *path, const char *where, struct text *out, struct sluice_error *err) {
  size_t before = out->size;
  struct sluice_error why = {0};
  if (isolated)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "${file:%s}: files are not read here", path);
  int status = file_read(path, FILE_LIMIT, out, &why);
  if (status != SLUICE_OK)
    return sluice_fail(err, status, where, "${file:%s}: %s", path, why.message);
  if (out->size > before && out->data[out->size - 1] == '\n')
    out->data[--out->size] = 0;
  if (out->size > before && strlen(out->data + before) < out->size - before)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "${file:%s}: the file holds a NUL byte, which no text can have",
                       path);
  return SLUICE_OK;
}

static bool is_name(const char *name) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  return *name && strchr(letters, *name) &&
         name[strspn(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")] == 0;
}

/* `inner` is what stands between the braces. An empty variable counts as set, but ":-" then gives the default, as in
 * sh. */
static int expand_variable(char *inner, const char *where, struct text *out, struct sluice_error *err) {
  char *fallback = strstr(inner, ":-");
  if (fallback) {
    *fallback = 0;
    fallback += 2;
  }
  if (!is_name(inner))
    return sluice_fail(
        err, SLUICE_ERR_CONFIG, where,
        "\"${%s}\" names no variable: write ${NAME}, ${NAME:-default}, ${file:PATH}, or $$ for a dollar sign", inner);
  const char *value = isolated ? NULL : getenv(inner);
  if (fallback && (!value || !*value))
    value = fallback;
  if (!value)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where,
                       "the environment variable %s is not set: set it, or write ${%s:-default}", inner, inner);
  return text_add(out, value) == SLUICE_OK ? SLUICE_OK : no_memory(where, err);
}

static int expand_braces(const char *inner, size_t n, const char *where, struct text *out, struct sluice_error *err) {
  char copy[4096];
  if (n >= sizeof copy)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "a ${...} is longer than %zu bytes", sizeof copy - 1);
  memcpy(copy, inner, n);
  copy[n] = 0;
  if (strncmp(copy, "file:", 5) == 0)
    return expand_file(copy + 5, where, out, err);
  return expand_variable(copy, where, out, err);
}

/* Expands what starts at the dollar sign; *used is its length. */
static int expand_dollar(const char *at, const char *where, struct text *out, size_t *used, struct sluice_error *err) {
  if (at[1] == '$') {
    *used = 2;
    return text_add(out, "$") == SLUICE_OK ? SLUICE_OK : no_memory(where, err);
  }
  const char *end = at[1] == '{' ? strchr(at, '}') : NULL;
  if (at[1] == '{' && !end)
    return sluice_fail(err, SLUICE_ERR_CONFIG, where, "\"${\" has no \"}\"; a plain dollar sign is $$");
  if (!end) { /* a dollar sign before anything else stands for itself: "^a$", "$5" */
    *used = 1;
    return text_add(out, "$") == SLUICE_OK ? SLUICE_OK : no_memory(where, err);
  }
  *used = (size_t)(end + 1 - at);
  return expand_braces(at + 2, (size_t)(end - at) - 2, where, out, err);
}

int expand_text(const char *template, const char *where, struct text *out, struct sluice_error *err) {
  if (text_add(out, "") != SLUICE_OK)
    return no_memory(where, err);
  while (*template) {
    size_t plain = strcspn(template, "$"), used = 0;
    if (text_append(out, template, plain) != SLUICE_OK)
      return no_memory(where, err);
    template += plain;
    if (!*template)
      break;
    int status = expand_dollar(template, where, out, &used, err);
    if (status != SLUICE_OK)
      return status;
    template += used;
  }
  return SLUICE_OK;
}

bool expand_names_file(const char *option) {
  static const char ending[] = "_file";
  size_t n = option ? strlen(option) : 0;
  return n >= sizeof ending && strcmp(option + n - (sizeof ending - 1), ending) == 0;
}
