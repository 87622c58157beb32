/* Official cases on shared files, and how ours are written from them. */
#ifndef S3_CORPUS_H
#define S3_CORPUS_H
#include "../identity/fake_world.h"
#include <jansson.h>

json_t *corpus_open(const char *file);                           /* below aws/; NULL: says that it is skipped */
const char *corpus_text(const json_t *object, const char *name); /* NULL: none */

void print_difference(const json_t *want, const json_t *have);

/* What our error says where theirs says something else. */
struct wording {
  const char *theirs, *ours;
};
void assert_same_error(const struct wording *wordings, size_t n, const char *theirs, const struct sluice_error *err);

/* Adds [PREFIX NAME] for each section, with its properties; a property that is an object becomes a nested block. */
void corpus_write_sections(struct text *out, const char *prefix, const json_t *sections);

void fake_variables(struct fake_world *fake, const json_t *object);

#endif
