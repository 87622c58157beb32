/* The shared configuration and credentials files of the AWS tools, merged. */
#include "identity/profiles_table.h"
#include <stdlib.h>
#include <strings.h>

enum { PATH_SIZE = 4096 };

int profiles_parse(const char *config, const char *credentials, struct profiles **out, struct sluice_error *err) {
  struct profiles *made = calloc(1, sizeof *made);
  if (!made)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the AWS files");
  int status = config ? profiles_read(made, PROFILES_CONFIG_FILE, "config", config, err) : SLUICE_OK;
  if (status == SLUICE_OK && credentials)
    status = profiles_read(made, PROFILES_CREDENTIALS_FILE, "credentials", credentials, err);
  if (status == SLUICE_OK)
    *out = made;
  else
    profiles_destroy(made);
  return status;
}

/* ---- files ---- */

/* "": there is no such place. */
static void find_file(const struct world *world, const char *variable, const char *name, char out[PATH_SIZE]) {
  const char *home = world->variable(world->context, "HOME"), *own = world->variable(world->context, variable);
  int n = 0;
  out[0] = 0;
  if (own && strncmp(own, "~/", 2) == 0 && home)
    n = snprintf(out, PATH_SIZE, "%s%s", home, own + 1);
  else if (own)
    n = snprintf(out, PATH_SIZE, "%s", own);
  else if (home)
    n = snprintf(out, PATH_SIZE, "%s/.aws/%s", home, name);
  if (n >= PATH_SIZE)
    out[0] = 0;
}

/* The place is the file: the message need not name it again. */
static int fail_at(const char *path, int status, const struct sluice_error *why, struct sluice_error *err) {
  size_t n = strlen(path);
  bool named = strncmp(why->message, path, n) == 0 && why->message[n] == ' ';
  return sluice_fail(err, status, path, "%s%s", named ? "it" : "", why->message + (named ? n : 0));
}

static int load_file(const struct world *world, struct profiles *profiles, enum profiles_file which, const char *path,
                     struct sluice_error *err) {
  struct text text = {.limit = FILE_MAX + 1};
  struct sluice_error why = {0};
  if (!*path)
    return SLUICE_OK;
  int status = world->read_file(world->context, path, &text, &why);
  if (status == SLUICE_OK && text.size && memchr(text.data, 0, text.size))
    status = sluice_fail(&why, SLUICE_ERR_DATA, path, "it has a NUL byte; it is no text");
  if (status == SLUICE_OK)
    status = profiles_read(profiles, which, path, text_get(&text), &why);
  text_finish(&text);
  if (status == SLUICE_ERR_NOT_FOUND)
    return SLUICE_OK;
  return status == SLUICE_OK ? status : fail_at(path, status, &why, err);
}

int profiles_load(const struct world *world, struct profiles **out, struct sluice_error *err) {
  char config[PATH_SIZE], credentials[PATH_SIZE];
  struct profiles *made = calloc(1, sizeof *made);
  if (!made)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the AWS files");
  find_file(world, "AWS_CONFIG_FILE", "config", config);
  find_file(world, "AWS_SHARED_CREDENTIALS_FILE", "credentials", credentials);
  int status = load_file(world, made, PROFILES_CONFIG_FILE, config, err);
  if (status == SLUICE_OK)
    status = load_file(world, made, PROFILES_CREDENTIALS_FILE, credentials, err);
  if (status == SLUICE_OK)
    *out = made;
  else
    profiles_destroy(made);
  return status;
}

/* ---- looking up ---- */

const char *profiles_selected(const struct world *world, bool *chosen) {
  const char *name = world->variable(world->context, "AWS_PROFILE");
  if (!name)
    name = world->variable(world->context, "AWS_DEFAULT_PROFILE");
  *chosen = name != NULL;
  return name ? name : "default";
}

bool profiles_has(const struct profiles *profiles, enum profiles_kind kind, const char *name) {
  return table_find(profiles, kind, name) != NULL;
}

const char *profiles_get(const struct profiles *profiles, enum profiles_kind kind, const char *name,
                         const char *property) {
  const struct section *section = table_find(profiles, kind, name);
  const struct property *found = section ? table_property(section, property) : NULL;
  return found ? found->value : NULL;
}

/* The value in one line of a block, or NULL: "name = value", blanks around the name do not count. */
static const char *match_line(const char *line, size_t n, const char *name, size_t *value_size) {
  size_t k = strlen(name);
  if (n < k || strncasecmp(line, name, k) != 0)
    return NULL;
  size_t at = k;
  while (at < n && (line[at] == ' ' || line[at] == '\t'))
    at++;
  if (at == n || line[at] != '=')
    return NULL;
  at++;
  while (at < n && (line[at] == ' ' || line[at] == '\t'))
    at++;
  *value_size = n - at;
  return line + at;
}

const char *profiles_get_nested(const struct profiles *profiles, enum profiles_kind kind, const char *name,
                                const char *block, const char *property, size_t *n) {
  const char *line = profiles_get(profiles, kind, name, block), *found = NULL;
  while (line && *line == '\n') {
    size_t line_size = strcspn(++line, "\n"), value_size = 0;
    const char *value = match_line(line, line_size, property, &value_size);
    if (value) { /* the last one counts */
      found = value;
      *n = value_size;
    }
    line += line_size;
  }
  return found;
}

void profiles_each(const struct profiles *profiles, profiles_each_fn *each, void *context) {
  for (size_t i = 0; i < profiles->count; i++) {
    const struct section *section = &profiles->sections[i];
    each(context, section->kind, section->name, NULL, NULL);
    for (size_t k = 0; k < section->count; k++)
      each(context, section->kind, section->name, section->properties[k].name, section->properties[k].value);
  }
}
