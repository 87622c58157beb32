/* The keys of the JSON form, in either spelling. */
#ifndef MODEL_JSON_H
#define MODEL_JSON_H
#include "faults.h"
#include <jansson.h>
#include <stdbool.h>

enum { KEY_MAX = 64 };
/* prediction_id of predictionId; a name that is in snake_case stays as it is. False: too long for any key. */
bool key_snake(const char *name, char out[KEY_MAX]);
/* The text of a member that names a column, or NULL with a fault. */
const char *json_name(struct faults *, const char *where, const json_t *value);
/* Index of the key among n names, each `stride` bytes behind the other; -1 with a fault that names the nearest. */
int key_find(struct faults *, const char *where, const char *key, const void *names, size_t n, size_t stride);

#endif
