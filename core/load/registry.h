/* Which plugins there are, and loading them. Listing reads ELF notes and runs none of their code.
 * Not [any]: everything is found and loaded before workers start. */
#ifndef LOAD_REGISTRY_H
#define LOAD_REGISTRY_H
#include <sluice/sdk.h>
#include <stdbool.h>

struct registry;

struct registry_entry { /* a component, as the note of its file tells it */
  enum sluice_kind kind;
  const char *name;      /* "s3" */
  const char *full_name; /* "source-s3" */
  const char *version, *file;
  unsigned abi_minor;
};
struct registry_component { /* loaded; lives until the registry is destroyed, its code until the process ends */
  struct registry_entry entry;
  struct sluice_base base; /* the host's copy: all members of this header are there, optional ones NULL */
  union {                  /* by entry.kind; the host's copies too; vtable.base is &base */
    struct sluice_source source;
    struct sluice_format format;
    struct sluice_transform transform;
    struct sluice_sink sink;
  };
};

/* Searches dirs (from --plugin-dir and plugin_dirs; may be NULL), then SLUICE_PLUGIN_PATH, then ../lib/sluice/plugins
 * from the program. Of components with one full name the first folder's wins. What is refused is logged and the rest
 * goes on. */
int registry_create(const char *const *dirs, size_t n, struct registry **out, struct sluice_error *err);
void registry_destroy(struct registry *); /* takes NULL; libraries stay loaded */

size_t registry_count(const struct registry *);
const struct registry_entry *registry_at(const struct registry *, size_t i); /* by kind, then name */
size_t registry_refusal_count(const struct registry *);
const char *registry_refusal(const struct registry *, size_t i); /* one line: the file, what, what to do */
size_t registry_dir_count(const struct registry *);
const char *registry_dir(const struct registry *, size_t i); /* the folders searched, in order */

/* Finds "s3" or "source-s3" and loads it. kind 0: any. CONFIG: unknown (err has the nearest and the known ones), not
 * unique (err lists them), or its plugin is refused. */
int registry_find(struct registry *, enum sluice_kind kind, const char *name, const struct registry_component **out,
                  struct sluice_error *err);
/* The source that reads such URIs. CONFIG: none; err lists the schemes there are. */
int registry_source_for_scheme(struct registry *, const char *scheme, const struct registry_component **out,
                               struct sluice_error *err);
/* Loads every component of a kind, in order of names, and calls each; a plugin that is refused is logged and passed
 * over. Ends with what `each` returns if that is not OK. */
typedef int registry_each_fn(void *context, const struct registry_component *);
int registry_each(struct registry *, enum sluice_kind kind, registry_each_fn *each, void *context);

/* A power by id, or NULL. */
const void *registry_extension(const struct registry_component *, const char *id);

#endif
