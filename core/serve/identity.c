/* What the process of a job was made of. */
#include "core/serve/identity.h"
#include "core/config/config.h"
#include "core/config/expand.h"
#include <sys/stat.h>

int identity_add_file(const char *path, struct text *out) {
  struct stat info;
  if (stat(path, &info))
    return text_printf(out, "%s gone\n", path);
  return text_printf(out, "%s %llu %llu %lld %lld.%09ld\n", path, (unsigned long long)info.st_dev,
                     (unsigned long long)info.st_ino, (long long)info.st_size, (long long)info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec);
}

/* What cannot be expanded is told where it is used. */
static int add_named(const char *template, struct text *out) {
  struct text path = {0};
  struct sluice_error ignored = {0};
  int code = expand_text(template, "", &path, &ignored);
  if (!code)
    code = identity_add_file(text_get(&path), out);
  text_finish(&path);
  return code == SLUICE_ERR_MEMORY ? code : SLUICE_OK;
}

/* The files of ${file:PATH}. */
static int add_included(const char *text, struct text *out) {
  static const char start[] = "${file:";
  int code = SLUICE_OK;
  for (const char *at = strstr(text, start); at && !code; at = strstr(at, start)) {
    struct text path = {0};
    at += sizeof start - 1;
    code = text_append(&path, at, strcspn(at, "}"));
    if (!code)
      code = identity_add_file(text_get(&path), out);
    text_finish(&path);
  }
  return code;
}

static int add_files(const struct config_value *value, struct text *out) {
  int code = SLUICE_OK;
  if (value->kind == CONFIG_TEXT)
    code = add_included(value->text, out);
  if (!code && value->kind == CONFIG_TEXT && expand_names_file(value->name))
    code = add_named(value->text, out);
  for (size_t i = 0; i < value->count && !code; i++)
    code = add_files(value->items[i], out);
  return code;
}

int identity_of_job(const struct config *config, const struct config_job *job, char out[HASH_SIZE],
                    struct sluice_error *err) {
  char own[HASH_SIZE], sink[HASH_SIZE] = "";
  const struct config_value *group = NULL;
  const char *name = NULL;
  struct text files = {0};
  int code = config_hash(job->group, own);
  if (!code)
    code = config_job_sink(config, job, NULL, &group, &name, err);
  if (!code)
    code = config_hash(group, sink);
  if (!code)
    code = add_files(job->group, &files);
  if (!code)
    code = add_files(group, &files);
  const char *texts[] = {own, sink, name, config_ledger(config), text_get(&files)};
  if (!code)
    code = hash_texts(texts, sizeof texts / sizeof *texts, out);
  text_finish(&files);
  return code;
}
