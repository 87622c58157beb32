/* The file schema: which columns of a file mean what, read from its JSON form (snake_case or camelCase). */
#ifndef MODEL_FILE_SCHEMA_H
#define MODEL_FILE_SCHEMA_H
#include "entry.h"
#include "faults.h"

struct name_list {
  const char **items;
  size_t count;
};
struct embedding {
  const char *name, *vector, *data, *link; /* data, link: NULL where absent */
};
struct file_schema { /* texts live in `document`; NULL where absent */
  const char *columns[ENTRY_COUNT];
  const char *features, *tags, *shap_values; /* prefixes */
  struct name_list features_list, tags_list, exclude;
  struct embedding *embeddings;
  size_t n_embeddings;
  void *document;
};
/* Mistakes in the schema go to faults; an error is CONFIG (no JSON at all) or MEMORY. */
int file_schema_parse(const char *text, size_t size, struct faults *faults, struct file_schema *out,
                      struct sluice_error *err);
void file_schema_finish(struct file_schema *);
/* Bits of the entries that have a column. */
uint32_t file_schema_entries(const struct file_schema *);

#endif
