/* Loading a plugin and taking its components over into the host's own structs. Private to core/load. */
#ifndef LOAD_COMPONENT_H
#define LOAD_COMPONENT_H
#include "core/load/registry.h"

enum { COMPONENT_LIMIT = 16, COMPONENT_NAME = 48 };

struct library { /* one file */
  char *path;
  struct sluice_note note;
  const struct sluice_plugin *plugin; /* NULL: not loaded yet */
  char *refusal;                      /* NULL: none so far */
};
struct slot { /* one component of a file */
  struct registry_component component;
  struct library *library;
  size_t index; /* among the components of its file */
  char name[COMPONENT_NAME], full_name[COMPONENT_NAME + 16], version[COMPONENT_NAME];
  bool loaded;
};

const char *kind_name(enum sluice_kind kind); /* "source" */
/* Reads the lines of the note's text: "sink http 1.0.0\n". CONFIG: they are not as the SDK writes them. */
int parse_components(const struct sluice_note *, struct slot *slots, size_t *count, struct sluice_error *err);
/* Loads the library and checks all that the host will rely on. CONFIG: refused. */
int library_load(struct library *, struct sluice_error *err);
/* Fills slot->component from the loaded library. */
int slot_take(struct slot *, struct sluice_error *err);

#endif
