/* The hash of what a subtree means now: with the values of its variables, which may be others than in the run before.
 */
#include "core/config/expand.h"
#include "core/config/value.h"
#include <stdlib.h>

/* What cannot be expanded stays as it is; where it is used, that is said. */
static int expand_own(struct config_value *value) {
  struct text expanded = {0};
  struct sluice_error ignored = {0};
  int status = expand_text(value->text, "", &expanded, &ignored);
  if (status == SLUICE_OK) {
    char *text = strdup(text_get(&expanded));
    status = text ? SLUICE_OK : SLUICE_ERR_MEMORY;
    if (text) {
      free(value->text);
      value->text = text;
    }
  }
  text_finish(&expanded);
  return status == SLUICE_ERR_MEMORY ? status : SLUICE_OK;
}

static int expand_all(struct config_value *value) {
  int status = value->kind == CONFIG_TEXT && strstr(value->text, "${") ? expand_own(value) : SLUICE_OK;
  for (size_t i = 0; i < value->count && status == SLUICE_OK; i++)
    status = expand_all(value->items[i]);
  return status;
}

int config_value_hash_meant(const struct config_value *value, char out[65]) {
  struct config_value *copy = NULL;
  int status = value ? config_value_copy(value, &copy) : SLUICE_OK;
  if (status == SLUICE_OK && copy)
    status = expand_all(copy);
  if (status == SLUICE_OK)
    status = config_value_hash(copy, out);
  config_value_destroy(copy);
  return status;
}
