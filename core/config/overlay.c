/* Laying one configuration upon another. */
#include "core/config/value.h"
#include <stdlib.h>

static bool same_type(const struct config_value *a, const struct config_value *b) {
  const char *type_a = config_value_member(a, "type"), *type_b = config_value_member(b, "type");
  return !type_a || !type_b || strcmp(type_a, type_b) == 0;
}

/* The item itself stays where its siblings and its order are; only what it holds is changed for `over`'s. */
static void replace(struct config_value *base, struct config_value *over) {
  struct config_value old = *base;
  *base = *over;
  base->parent = old.parent;
  for (size_t i = 0; i < base->count; i++)
    base->items[i]->parent = base;
  *over = old;
  config_value_destroy(over);
}

static struct config_value *find_member(struct config_value *group, const char *name) {
  for (size_t i = 0; i < group->count; i++)
    if (strcmp(group->items[i]->name, name) == 0)
      return group->items[i];
  return NULL;
}

/* Takes `member` out of its group on OK. */
static int overlay_member(struct config_value *base, struct config_value *member) {
  struct config_value *old = find_member(base, member->name);
  return old ? config_value_overlay(old, member) : config_value_add(base, member);
}

int config_value_overlay(struct config_value *base, struct config_value *over) {
  if (base->kind != CONFIG_GROUP || over->kind != CONFIG_GROUP || !same_type(base, over)) {
    replace(base, over);
    return SLUICE_OK;
  }
  while (over->count > 0) {
    int status = overlay_member(base, over->items[0]);
    if (status != SLUICE_OK)
      return status;
    over->count--;
    memmove(over->items, over->items + 1, over->count * sizeof *over->items);
  }
  config_value_destroy(over);
  return SLUICE_OK;
}
