/* source-file: the files of a folder as parts. */
#include "source.h"
#include <sluice/services.h>
#include <stdlib.h>

struct config {
  const char *path;
  struct sluice_list include, exclude;
  int32_t recursive, follow_symlinks, hidden;
};
static const struct sluice_option items[] = {
    SLUICE_OPTION(struct config, path, SLUICE_OPTION_TEXT, .flags = SLUICE_OPTION_REQUIRED,
                  .help = "A folder, or one file."),
    SLUICE_OPTION(struct config, include, SLUICE_OPTION_LIST,
                  .help = "Patterns over the path below the folder; only what matches one is read. Without any: all."),
    SLUICE_OPTION(struct config, exclude, SLUICE_OPTION_LIST,
                  .help = "Patterns of what is not read, even if included."),
    SLUICE_OPTION(struct config, recursive, SLUICE_OPTION_BOOL, .default_text = "true", .help = "Go into folders."),
    SLUICE_OPTION(struct config, follow_symlinks, SLUICE_OPTION_BOOL, .default_text = "false",
                  .help = "Read what symbolic links point to."),
    SLUICE_OPTION(struct config, hidden, SLUICE_OPTION_BOOL, .default_text = "false",
                  .help = "Read files and folders whose name starts with a dot."),
};
static const struct sluice_options options = SLUICE_OPTIONS(struct config, items);

const char *source_path(const char *name) {
  return strncmp(name, "file://", 7) == 0 ? name + 7 : name;
}

void source_version(const struct stat *info, char out[VERSION_SIZE]) {
  snprintf(out, VERSION_SIZE, "%lld-%lld%09ld-%llu", (long long)info->st_size, (long long)info->st_mtim.tv_sec,
           info->st_mtim.tv_nsec, (unsigned long long)info->st_ino);
}
int64_t source_modified(const struct stat *info) {
  int64_t seconds = info->st_mtim.tv_sec;
  if (seconds > INT64_MAX / 1000000 - 1 || seconds < INT64_MIN / 1000000 + 1)
    return INT64_MIN;
  return seconds * 1000000 + info->st_mtim.tv_nsec / 1000;
}

static void source_close(void *self) {
  struct source *source = self;
  if (!source)
    return;
  walk_destroy(source->walk);
  filter_finish(&source->filter);
  free(source);
}

static int source_open(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  const struct config *c = config;
  struct source *source = calloc(1, sizeof *source);
  if (!source)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for source-file");
  source->rules = (struct walk_rules){source_path(c->path), c->recursive != 0, c->follow_symlinks != 0,
                                      c->hidden != 0,       &source->filter,   host};
  int rc = filter_init(&source->filter, &c->include, &c->exclude, err);
  if (rc == SLUICE_OK)
    *self = source;
  else
    source_close(source);
  return rc;
}

static int source_list(void *self, const char *after, struct sluice_error *err) {
  struct source *source = self;
  walk_destroy(source->walk);
  source->walk = NULL;
  return walk_create(&source->rules, after, &source->walk, err);
}

static int source_next_part(void *self, struct sluice_part *out, struct sluice_error *err) {
  struct source *source = self;
  struct walk_entry entry;
  if (!source->walk)
    return sluice_fail(err, SLUICE_ERR_BUG, "path", "next_part before list");
  int rc = walk_next(source->walk, &entry, err);
  if (rc != SLUICE_OK)
    return rc;
  struct sluice_part part = {
      .struct_size = sizeof part, .name = entry.path, .size = -1, .modified = INT64_MIN, .skip = entry.skip};
  if (!entry.skip) {
    source_version(&entry.info, source->version);
    part.version = source->version;
    part.size = entry.info.st_size;
    part.modified = source_modified(&entry.info);
  }
  *out = part;
  return SLUICE_OK;
}

/* Looks for the first file that would be read. */
static int source_check(void *self, char *found, size_t size, struct sluice_error *err) {
  const struct source *source = self;
  struct walk *walk = NULL;
  struct walk_entry entry;
  long long skipped = 0;
  int rc = walk_create(&source->rules, NULL, &walk, err);
  if (rc != SLUICE_OK)
    return rc;
  for (rc = walk_next(walk, &entry, err); rc == SLUICE_OK && entry.skip && skipped < 100000;
       rc = walk_next(walk, &entry, err))
    skipped++;
  if (rc == SLUICE_OK && !entry.skip)
    snprintf(found, size, "the first file is '%s'", entry.path);
  else if (rc == SLUICE_OK || rc == SLUICE_END)
    snprintf(found, size, "no file to read in '%s' (%lld skipped)", source->rules.root, skipped);
  walk_destroy(walk);
  return rc == SLUICE_END ? SLUICE_OK : rc;
}

static const void *source_extension(const char *id) {
  static const struct sluice_check check = {.struct_size = sizeof check, .check = source_check};
  return strcmp(id, SLUICE_CHECK) == 0 ? &check : NULL;
}

static const char *const schemes[] = {"file", NULL};
static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SOURCE,
                                        .name = "file",
                                        .version = "1.0.0",
                                        .help = "Files of a local folder.",
                                        .options = &options,
                                        .names = schemes,
                                        .extension = source_extension};
static const struct sluice_source component = {.struct_size = sizeof component,
                                               .flags = SLUICE_SOURCE_ORDERED,
                                               .base = &base,
                                               .open = source_open,
                                               .close = source_close,
                                               .list = source_list,
                                               .next_part = source_next_part,
                                               .open_part = source_open_part};
SLUICE_PLUGIN(SLUICE_SOURCE, "source file 1.0.0\n", &component)
