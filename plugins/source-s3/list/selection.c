/* Which objects below a path are read, and why others are not. */
#include "list/selection.h"
#include "list/glob.h"
#include <sluice/arrow.h>
#include <stdlib.h>

const char selection_archived[] = "archived";

/* ---- names ---- */

static void globs_finish(struct globs *globs) {
  for (size_t i = 0; i < globs->count; i++)
    glob_destroy(globs->items[i]);
  free(globs->items);
  *globs = (struct globs){.items = NULL};
}

static int bad_pattern(struct sluice_error *err, const char *where, const struct s3_place *place, const char *pattern,
                       const char *why) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, where, "\"%.160s\" (for path %.300s): %s", pattern, place->path, why);
}

static int read_globs(const struct sluice_list *list, const char *option, const struct s3_place *place,
                      struct globs *out, struct sluice_error *err) {
  if (list->count == 0)
    return SLUICE_OK;
  out->items = calloc(list->count, sizeof *out->items);
  if (!out->items)
    return sluice_fail(err, SLUICE_ERR_MEMORY, option, "no memory for the patterns");
  for (size_t i = 0; i < list->count; i++) {
    const char *why = NULL;
    char where[48];
    snprintf(where, sizeof where, "%s[%zu]", option, i);
    out->items[i] = glob_create(list->items[i], &why);
    if (!out->items[i])
      return bad_pattern(err, where, place, list->items[i], why);
    out->count++;
  }
  return SLUICE_OK;
}

static bool any_matches(const struct globs *globs, const char *name) {
  for (size_t i = 0; i < globs->count; i++)
    if (glob_match(globs->items[i], name))
      return true;
  return false;
}

static int read_regex(const char *pattern, const char *option, const struct s3_place *place, regex_t *out, bool *has,
                      struct sluice_error *err) {
  char why[128];
  if (!pattern)
    return SLUICE_OK;
  if (strlen(pattern) > GLOB_SIZE_MAX)
    return bad_pattern(err, option, place, pattern, "it is longer than 1000 bytes");
  int code = regcomp(out, pattern, REG_EXTENDED | REG_NOSUB);
  *has = code == 0;
  if (code == 0)
    return SLUICE_OK;
  regerror(code, out, why, sizeof why);
  return bad_pattern(err, option, place, pattern, why);
}

/* ---- times ---- */

static int read_time(const char *text, const char *option, int64_t *out, struct sluice_error *err) {
  int32_t days;
  int64_t when;
  bool zoned;
  if (!text)
    return SLUICE_OK;
  if (sluice_parse_date(text, strlen(text), &days)) {
    *out = days * INT64_C(86400000000);
    return SLUICE_OK;
  }
  if (!sluice_parse_timestamp(text, strlen(text), SLUICE_MICRO, &when, &zoned) || !zoned)
    return sluice_fail(err, SLUICE_ERR_CONFIG, option,
                       "\"%.80s\" is no time; write \"2026-01-31\" (UTC), or \"2026-01-31T12:00:00Z\" with a zone",
                       text);
  *out = when;
  return SLUICE_OK;
}

/* So many milliseconds before now, or the beginning of time. */
static int64_t ago(const struct selection *selection, int64_t ms) {
  int64_t us, when;
  if (__builtin_mul_overflow(ms, INT64_C(1000), &us) || __builtin_sub_overflow(selection->now, us, &when))
    return INT64_MIN;
  return when;
}

/* ---- life ---- */

static int read_names(const struct s3_place *place, struct selection *out, struct sluice_error *err) {
  int status = read_globs(&place->include, "include", place, &out->include, err);
  if (status == SLUICE_OK)
    status = read_globs(&place->exclude, "exclude", place, &out->exclude, err);
  if (status == SLUICE_OK)
    status =
        read_regex(place->include_regex, "include_regex", place, &out->include_regex, &out->has_include_regex, err);
  if (status == SLUICE_OK)
    status =
        read_regex(place->exclude_regex, "exclude_regex", place, &out->exclude_regex, &out->has_exclude_regex, err);
  return status;
}

int selection_init(const struct s3_options *options, const struct s3_place *place, int64_t now,
                   struct selection *selection, struct sluice_error *err) {
  struct selection own = {.options = options, .now = now, .after = INT64_MIN, .before = INT64_MAX};
  int status = read_names(place, &own, err);
  if (status == SLUICE_OK)
    status = read_time(options->modified_after, "modified_after", &own.after, err);
  if (status == SLUICE_OK)
    status = read_time(options->modified_before, "modified_before", &own.before, err);
  if (status == SLUICE_OK && options->max_size && options->max_size < options->min_size)
    status = sluice_fail(err, SLUICE_ERR_CONFIG, "max_size", "max_size is below min_size: no object is both");
  if (status == SLUICE_OK)
    *selection = own;
  else
    selection_finish(&own);
  return status;
}

void selection_finish(struct selection *selection) {
  globs_finish(&selection->include);
  globs_finish(&selection->exclude);
  if (selection->has_include_regex)
    regfree(&selection->include_regex);
  if (selection->has_exclude_regex)
    regfree(&selection->exclude_regex);
  memset(selection, 0, sizeof *selection);
}

/* ---- reasons ---- */

/* What consoles and Hadoop leave where a folder shall be seen. */
static bool is_folder_marker(const struct stream_entry *entry) {
  static const char hadoop[] = "_$folder$";
  size_t n = strlen(entry->key), end = sizeof hadoop - 1;
  if (entry->size != 0)
    return false;
  return entry->key[n - 1] == '/' || (n >= end && strcmp(entry->key + n - end, hadoop) == 0);
}

static int64_t depth_of(const char *name) {
  int64_t depth = 1;
  for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/'))
    depth++;
  return depth;
}

static const char *name_reason(const struct selection *selection, const char *name) {
  if (selection->include.count && !any_matches(&selection->include, name))
    return "not included";
  if (selection->has_include_regex && regexec(&selection->include_regex, name, 0, NULL, 0) != 0)
    return "not included";
  if (any_matches(&selection->exclude, name))
    return "excluded";
  if (selection->has_exclude_regex && regexec(&selection->exclude_regex, name, 0, NULL, 0) == 0)
    return "excluded";
  return selection->options->depth && depth_of(name) > selection->options->depth ? "too deep" : NULL;
}

static const char *size_reason(const struct s3_options *options, int64_t size) {
  if (size < options->min_size)
    return "too small";
  return options->max_size && size > options->max_size ? "too large" : NULL;
}

static const char *time_reason(const struct selection *selection, int64_t modified) {
  const struct s3_options *options = selection->options;
  if (modified <= selection->after && selection->after != INT64_MIN)
    return "too old";
  if (options->max_age && modified < ago(selection, options->max_age))
    return "too old";
  if (modified >= selection->before)
    return "too new";
  return options->min_age && modified > ago(selection, options->min_age) ? "too new" : NULL;
}

const char *selection_reason(const struct selection *selection, const char *name, const struct stream_entry *entry) {
  if (entry->deleted)
    return "deleted";
  if (is_folder_marker(entry))
    return "folder marker";
  const char *reason = entry->exact ? NULL : name_reason(selection, name);
  if (!reason)
    reason = size_reason(selection->options, entry->size);
  if (!reason)
    reason = time_reason(selection, entry->modified);
  if (!reason && entry->archived && selection->options->archived != S3_ARCHIVED_READ)
    reason = selection_archived;
  return reason;
}
