/* From an option table and a group of a configuration to the config struct that a component is opened with. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H
#include "core/config/value.h"
#include <jansson.h>
#include <stdio.h>

struct options_bound;

/* Parses, checks and defaults. table NULL: no options, and the config is NULL. group NULL: all defaults. also_known:
 * names in the group that are not the table's, such as "type", ended by NULL; may be NULL. Texts are expanded; secrets
 * become handles. CONFIG: the user's mistake, err->where is the option with file and line. BUG: the table is broken. */
int options_bind(const struct sluice_options *table, const struct config_value *group, const char *const *also_known,
                 struct options_bound **out, struct sluice_error *err);
void options_release(struct options_bound *);             /* takes NULL; the config and its secrets end with it */
const void *options_config(const struct options_bound *); /* NULL: no options */

/* SHA-256 of what the options say, defaults included, however and wherever they are written; texts count with
 * the values of their variables, but those that are masked as they are written; files that options name with their
 * content. Left out are secrets and what the table flags as tuning: two configurations of one hash deliver the same to
 * the same place. Of what was bound before. */
int options_hash(const struct sluice_options *table, const struct config_value *group, char out[65],
                 struct sluice_error *err);

/* Is the table of a plugin sound? BUG says what is not. options_bind does this itself. */
int options_check(const struct sluice_options *table, struct sluice_error *err);

/* For people: one option after the other, groups indented. A NULL table prints that there are none. */
void options_help(const struct sluice_options *table, FILE *out);
/* A JSON Schema (draft 2020-12) of the group. */
int options_json_schema(const struct sluice_options *table, json_t **out, struct sluice_error *err);

/* Flag of the host's own tables: a TEXT that may also be written as a number or a bool. */
enum { OPTIONS_ANY_SCALAR = 1 << 16 };

#endif
