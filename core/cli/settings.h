/* Options of a plugin from the command line: key=value, by its option table. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H
#include "core/config/value.h"
#include "core/load/registry.h"

/* Adds one to the group of the component, as what its table says it is. Of a list each use adds an item, of a map
 * (key=name=value) an entry. A key that the table does not have is added as a text, for options_bind to refuse. CONFIG:
 * no "=", given twice, not of its kind, or a group. */
int settings_add(struct config_value *group, const struct sluice_options *table, const char *setting,
                 struct sluice_error *err);

#endif
