/* Reading the words of a command line. */
#include "core/cli/args.h"
#include "core/base/nearest.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include <stdlib.h>

enum { MAX_WORDS = 100000, MAX_NAMES = 64 };

struct reading { /* words[at] is next */
  struct args *args;
  const struct args_table *tables;
  size_t table_count;
  const char *const *words;
  size_t count, at;
  struct sluice_error *err;
};

static const struct args_option *find(const struct reading *r, const char *name, size_t n, char letter) {
  for (size_t t = 0; t < r->table_count; t++)
    for (size_t i = 0; i < r->tables[t].count; i++) {
      const struct args_option *option = &r->tables[t].items[i];
      if (letter ? option->letter == letter : strlen(option->name) == n && memcmp(option->name, name, n) == 0)
        return option;
    }
  return NULL;
}

static int unknown(const struct reading *r, const char *name, size_t n) {
  const char *names[MAX_NAMES];
  char wanted[64];
  size_t known = 0;
  for (size_t t = 0; t < r->table_count; t++)
    for (size_t i = 0; i < r->tables[t].count && known < MAX_NAMES; i++)
      names[known++] = r->tables[t].items[i].name;
  snprintf(wanted, sizeof wanted, "%.*s", (int)(n < 64 ? n : 64), name);
  const char *nearest = nearest_name(wanted, names, known);
  return sluice_fail(r->err, SLUICE_ERR_CONFIG, NULL, "there is no option --%s%s%s%s", wanted,
                     nearest ? "; did you mean --" : "", nearest ? nearest : "", nearest ? "?" : "");
}

static int keep(const struct reading *r, const struct args_option *option, const char *value) {
  struct args *args = r->args;
  if (args->found_count >= MAX_WORDS)
    return sluice_fail(r->err, SLUICE_ERR_CONFIG, NULL, "there are too many options");
  struct args_found *grown = realloc(args->found, (args->found_count + 1) * sizeof *grown);
  if (!grown)
    return sluice_fail(r->err, SLUICE_ERR_MEMORY, NULL, "no memory for the command line");
  args->found = grown;
  args->found[args->found_count++] = (struct args_found){option, value};
  return SLUICE_OK;
}

static int keep_word(const struct reading *r, const char *word) {
  struct args *args = r->args;
  if (args->word_count >= MAX_WORDS)
    return sluice_fail(r->err, SLUICE_ERR_CONFIG, NULL, "there are too many words");
  const char **grown = realloc(args->words, (args->word_count + 1) * sizeof *grown);
  if (!grown)
    return sluice_fail(r->err, SLUICE_ERR_MEMORY, NULL, "no memory for the command line");
  args->words = grown;
  args->words[args->word_count++] = word;
  return SLUICE_OK;
}

/* The value is what is behind the option in its own word, or the next word. */
static int keep_with_value(struct reading *r, const struct args_option *option, const char *attached) {
  if (attached)
    return keep(r, option, attached);
  if (r->at >= r->count)
    return sluice_fail(r->err, SLUICE_ERR_CONFIG, NULL, "--%s needs a value: --%s %s", option->name, option->name,
                       option->value);
  return keep(r, option, r->words[r->at++]);
}

static int read_long(struct reading *r, const char *text) {
  size_t n = strcspn(text, "=");
  const struct args_option *option = find(r, text, n, 0);
  const char *attached = text[n] ? text + n + 1 : NULL;
  if (!option)
    return unknown(r, text, n);
  if (option->value)
    return keep_with_value(r, option, attached);
  if (attached)
    return sluice_fail(r->err, SLUICE_ERR_CONFIG, NULL, "--%s takes no value", option->name);
  return keep(r, option, NULL);
}

/* Letters without values may share a word, and the last may have one. */
static int read_letters(struct reading *r, const char *letters) {
  int code = SLUICE_OK;
  for (; *letters && code == SLUICE_OK; letters++) {
    const struct args_option *option = find(r, NULL, 0, *letters);
    if (!option)
      return sluice_fail(r->err, SLUICE_ERR_CONFIG, NULL, "there is no option -%c", *letters);
    if (option->value)
      return keep_with_value(r, option, letters[1] ? letters + 1 : NULL);
    code = keep(r, option, NULL);
  }
  return code;
}

static bool is_option(const char *word) {
  return word[0] == '-' && word[1]; /* "-" is a word */
}

static int read_option(struct reading *r) {
  const char *word = r->words[r->at++];
  return word[1] == '-' ? read_long(r, word + 2) : read_letters(r, word + 1);
}

int args_read_leading(struct args *args, const struct args_table *tables, size_t n, const char *const *words,
                      size_t count, size_t *used, struct sluice_error *err) {
  struct reading r = {args, tables, n, words, count, 0, err};
  int code = SLUICE_OK;
  while (r.at < count && is_option(words[r.at]) && code == SLUICE_OK)
    code = read_option(&r);
  if (code == SLUICE_OK)
    *used = r.at;
  return code;
}

int args_read(struct args *args, const struct args_table *tables, size_t n, const char *const *words, size_t count,
              struct sluice_error *err) {
  struct reading r = {args, tables, n, words, count, 0, err};
  bool options = true;
  int code = SLUICE_OK;
  while (r.at < count && code == SLUICE_OK) {
    if (options && strcmp(words[r.at], "--") == 0) {
      options = false;
      r.at++;
    } else if (options && is_option(words[r.at]))
      code = read_option(&r);
    else
      code = keep_word(&r, words[r.at++]);
  }
  return code;
}

void args_finish(struct args *args) {
  free(args->found);
  free(args->words);
  memset(args, 0, sizeof *args);
}

/* ---- asking ---- */

bool args_has(const struct args *args, const char *name) {
  for (size_t i = 0; i < args->found_count; i++)
    if (strcmp(args->found[i].option->name, name) == 0)
      return true;
  return false;
}

const char *args_value(const struct args *args, const char *name) {
  for (size_t i = args->found_count; i-- > 0;)
    if (strcmp(args->found[i].option->name, name) == 0)
      return args->found[i].value;
  return NULL;
}

const char *args_value_at(const struct args *args, const char *name, size_t i) {
  for (size_t k = 0; k < args->found_count; k++)
    if (strcmp(args->found[k].option->name, name) == 0 && i-- == 0)
      return args->found[k].value;
  return NULL;
}

int args_count(const struct args *args, const char *name, int64_t *out, struct sluice_error *err) {
  const char *text = args_value(args, name);
  int64_t number;
  if (!text)
    return SLUICE_OK;
  if (!quantity_int(text, &number) || number < 0)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "--%s takes a whole number from 0, not '%s'", name, text);
  *out = number;
  return SLUICE_OK;
}

static int fail_choice(const char *name, const char *text, const char *const *choices, size_t n,
                       struct sluice_error *err) {
  struct text known = {0};
  const char *nearest = nearest_name(text, choices, n);
  for (size_t i = 0; i < n; i++)
    if (text_printf(&known, "%s%s", i ? ", " : "", choices[i]) != SLUICE_OK)
      break;
  int code = sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "--%s takes one of %s, not '%s'%s%s%s", name, text_get(&known),
                         text, nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
  text_finish(&known);
  return code;
}

int args_choice(const struct args *args, const char *name, const char *const *choices, int *out,
                struct sluice_error *err) {
  const char *text = args_value(args, name);
  int i = 0;
  while (text && choices[i] && strcmp(choices[i], text) != 0)
    i++;
  if (!choices[i])
    return fail_choice(name, text, choices, (size_t)i, err);
  *out = i;
  return SLUICE_OK;
}
