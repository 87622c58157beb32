/* Reading configuration files: libconfig parses, the tree of values is made of what it found. */
#include "core/config/read.h"
#include "core/base/file.h"
#include "core/config/expand.h"
#include <libconfig.h>
#include <math.h>
#include <stdlib.h>

/* libconfig 1.5 loses the text that it was reading at a syntax error. That is once a file and not ours to mend, so a
 * leak check looks away while it parses. */
#if defined(__SANITIZE_ADDRESS__)
#define PARSER_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PARSER_LEAKS 1
#endif
#endif
#ifdef PARSER_LEAKS
#include <sanitizer/lsan_interface.h>
static void hide_leaks(void) {
  __lsan_disable();
}
static void show_leaks(void) {
  __lsan_enable();
}
#else
static void hide_leaks(void) {}
static void show_leaks(void) {}
#endif

enum { FILE_LIMIT = 1 << 20, DEPTH_LIMIT = 32, SETTING_LIMIT = 20000 };

struct conversion {
  const char *name; /* of the file that is read; libconfig names only included ones */
  struct sluice_error *err;
};

static int fail_at(struct sluice_error *err, const char *file, int line, const char *what) {
  char where[sizeof err->where];
  snprintf(where, sizeof where, "%s:%d", file, line);
  return sluice_fail(err, SLUICE_ERR_CONFIG, where, "%s", what);
}

static int fill_scalar(struct config_value *value, const config_setting_t *from, struct sluice_error *err) {
  switch (config_setting_type(from)) {
  case CONFIG_TYPE_INT:
    value->integer = config_setting_get_int(from);
    return SLUICE_OK;
  case CONFIG_TYPE_INT64:
    value->integer = config_setting_get_int64(from);
    return SLUICE_OK;
  case CONFIG_TYPE_BOOL:
    value->integer = config_setting_get_bool(from) != 0;
    return SLUICE_OK;
  case CONFIG_TYPE_FLOAT:
    value->number = config_setting_get_float(from);
    if (isfinite(value->number))
      return SLUICE_OK;
    return config_value_fail(value, err, SLUICE_ERR_CONFIG, "the number is too large");
  default:
    break;
  }
  const char *text = config_setting_get_string(from);
#ifdef SLUICE_PLANTED_BUGS
  char copy[32] = {0}; /* too small for a longer text */
  for (size_t i = 0; text && text[i]; i++)
    ((volatile char *)copy)[i] = text[i];
#endif
  value->text = strdup(text ? text : "");
  return value->text ? SLUICE_OK : SLUICE_ERR_MEMORY;
}

static enum config_kind kind_of(const config_setting_t *setting) {
  switch (config_setting_type(setting)) {
  case CONFIG_TYPE_GROUP:
    return CONFIG_GROUP;
  case CONFIG_TYPE_LIST:
    return CONFIG_LIST;
  case CONFIG_TYPE_ARRAY:
    return CONFIG_ARRAY;
  case CONFIG_TYPE_FLOAT:
    return CONFIG_FLOAT;
  case CONFIG_TYPE_BOOL:
    return CONFIG_BOOL;
  case CONFIG_TYPE_INT:
  case CONFIG_TYPE_INT64:
    return CONFIG_INT;
  default:
    return CONFIG_TEXT;
  }
}

static int convert(const struct conversion *, const config_setting_t *, int depth, struct config_value *parent);

static int fill(const struct conversion *c, const config_setting_t *from, int depth, struct config_value *value) {
  if (!config_setting_is_aggregate(from))
    return fill_scalar(value, from, c->err);
  if (depth > DEPTH_LIMIT)
    return config_value_fail(value, c->err, SLUICE_ERR_CONFIG, "groups and lists are nested deeper than %d",
                             DEPTH_LIMIT);
  int status = SLUICE_OK, n = config_setting_length(from);
  for (int i = 0; i < n && status == SLUICE_OK; i++)
    status = convert(c, config_setting_get_elem(from, (unsigned)i), depth + 1, value);
  return status;
}

/* The value is given to its parent at once, so that errors below it can name its path. */
static int convert(const struct conversion *c, const config_setting_t *from, int depth, struct config_value *parent) {
  const char *file = config_setting_source_file(from);
  struct config_value *value = config_value_create(kind_of(from), config_setting_name(from), file ? file : c->name,
                                                   (int)config_setting_source_line(from));
  if (!value)
    return sluice_fail(c->err, SLUICE_ERR_MEMORY, c->name, "no memory for the configuration");
  int status = config_value_add(parent, value);
  if (status != SLUICE_OK) {
    config_value_destroy(value);
    return sluice_fail(c->err, status, c->name, "no memory for the configuration");
  }
  status = fill(c, from, depth, value);
  return status == SLUICE_OK ? status : sluice_fail(c->err, status, c->name, "no memory for the configuration");
}

static int convert_root(const struct conversion *c, const config_t *parsed, struct config_value **out) {
  struct config_value *root = config_value_create(CONFIG_GROUP, NULL, c->name, 0);
  if (!root)
    return sluice_fail(c->err, SLUICE_ERR_MEMORY, c->name, "no memory for the configuration");
  int status = fill(c, config_root_setting(parsed), 0, root);
  if (status != SLUICE_OK) {
    config_value_destroy(root);
    return status;
  }
  *out = root;
  return SLUICE_OK;
}

static int check_numbers(const char *name, const char *text, struct sluice_error *err) {
  int line;
  char token[40], what[200];
  if (numbers_fit(text, &line, token))
    return SLUICE_OK;
  snprintf(what, sizeof what,
           "the number %s does not fit 32 bits: write %sL for one of 64 bits, or a size such as \"8GiB\"", token,
           token);
  return fail_at(err, name, line, what);
}

/* Time to parse grows with the square of the settings, so their number has a limit of its own. */
static int check_text(const char *name, const char *text, size_t size, struct sluice_error *err) {
  size_t settings = 0;
  if (strlen(text) != size)
    return sluice_fail(err, SLUICE_ERR_CONFIG, name, "the file holds a NUL byte: it is no text");
  for (const char *at = strpbrk(text, "=:"); at; at = strpbrk(at + 1, "=:"))
    settings++;
  if (settings > SETTING_LIMIT)
    return sluice_fail(err, SLUICE_ERR_CONFIG, name, "the file has more than %d settings", SETTING_LIMIT);
  return check_numbers(name, text, err);
}

/* libconfig keeps the names as they were written, and looked for them in its folder. */
static int check_included_file(const char *folder, const char *name, struct sluice_error *err) {
  struct text path = {0}, text = {0};
  int status = text_printf(&path, "%s/%s", folder, name);
  if (status == SLUICE_OK)
    status = file_read(path.data, FILE_LIMIT, &text, err);
  if (status == SLUICE_OK)
    status = check_text(name, text_get(&text), text.size, err);
  text_finish(&path);
  text_finish(&text);
  return status;
}

static int check_included(const config_t *parsed, struct sluice_error *err) {
  int status = SLUICE_OK;
  for (unsigned i = 0; i < parsed->num_filenames && status == SLUICE_OK; i++)
    if (parsed->filenames[i])
      status = check_included_file(parsed->include_dir, parsed->filenames[i], err);
  return status;
}

static int parse(const char *name, config_t *parsed, const char *text, struct sluice_error *err) {
  hide_leaks();
  int ok = config_read_string(parsed, text);
  show_leaks();
  if (ok == CONFIG_TRUE)
    return check_included(parsed, err);
  const char *file = config_error_file(parsed);
  const char *what = config_error_text(parsed);
  return fail_at(err, file ? file : name, config_error_line(parsed), what ? what : "cannot be parsed");
}

int read_config_text(const char *name, const char *folder, const char *text, size_t size, struct config_value **out,
                     struct sluice_error *err) {
  struct conversion conversion = {name, err};
  int status = check_text(name, text, size, err);
  if (status != SLUICE_OK)
    return status;
  config_t parsed;
  config_init(&parsed);
  config_set_include_dir(&parsed, expand_isolated() ? "/dev/null" : folder); /* nothing can be opened below a file */
  status = parse(name, &parsed, text, err);
  if (status == SLUICE_OK)
    status = convert_root(&conversion, &parsed, out);
  config_destroy(&parsed);
  return status;
}

int read_config_file(const char *path, struct config_value **out, struct sluice_error *err) {
  struct text text = {0}, folder = {0};
  const char *slash = strrchr(path, '/');
  int status = file_read(path, FILE_LIMIT, &text, err);
  if (status == SLUICE_OK)
    status = slash ? text_append(&folder, path, (size_t)(slash - path) + 1) : text_add(&folder, ".");
  if (status == SLUICE_OK)
    status = read_config_text(path, text_get(&folder), text_get(&text), text.size, out, err);
  text_finish(&text);
  text_finish(&folder);
  return status;
}
