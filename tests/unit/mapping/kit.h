/* Batches from JSON rows and back, and mappings between them, for tests. */
#ifndef TEST_MAPPING_KIT_H
#define TEST_MAPPING_KIT_H
#include "core/mapping/mapping.h"
#include <jansson.h>

/* "{id:l,tags:[u],meta:{user:u}}": C Data formats, [] for lists, {} for structs; all may be null. */
void kit_schema(const char *text, struct ArrowSchema *out);
/* Rows as a JSON array of objects; a member that is not there is null. */
void kit_array(const struct ArrowSchema *schema, const char *rows, struct ArrowArray *out);
void kit_array_json(const struct ArrowSchema *schema, const json_t *rows, struct ArrowArray *out);

struct kit_reject {
  int64_t row;
  char column[64], reason[200];
};
struct kit { /* one mapping of one batch */
  const struct mapping_spec *spec;
  struct ArrowSchema schema;
  uint8_t keep[1000];
  struct kit_reject rejects[1000];
  int n_rejects;
  char *lines; /* what came out, a JSON object a line; of all rows */
  struct sluice_error err;
};
/* Maps rows, which are `offset` rows behind the start of the arrays that hold them. Ends the test where that fails. */
void kit_map(struct kit *, const char *rows, int64_t offset);
void kit_map_json(struct kit *, const json_t *rows, int64_t offset);
void kit_init(struct kit *, const struct mapping_spec *, const char *schema);
void kit_finish(struct kit *);
/* The same in one: rows give exactly these lines, and no rejects. */
void kit_expect(const struct mapping_spec *, const char *schema, const char *rows, const char *lines);
/* Creating or binding fails as CONFIG, and says this. */
void kit_refused(const struct mapping_spec *, const char *schema, const char *says);

#define KIT_RULES(...)                                                                                                 \
  .rules = (const struct mapping_rule[]){__VA_ARGS__},                                                                 \
  .n = sizeof((const struct mapping_rule[]){__VA_ARGS__}) / sizeof(struct mapping_rule)

#endif
