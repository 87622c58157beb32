/* A configuration as a tree of values, each of which knows the file and line where it was written. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H
#include <sluice/sdk.h>
#include <stdbool.h>

enum config_kind { CONFIG_GROUP, CONFIG_LIST, CONFIG_ARRAY, CONFIG_TEXT, CONFIG_INT, CONFIG_FLOAT, CONFIG_BOOL };

struct config_value {
  enum config_kind kind;
  char *name;      /* NULL: the root, or an item of a list or array */
  char *text;      /* TEXT: as written, not expanded */
  int64_t integer; /* INT, BOOL */
  double number;   /* FLOAT */
  char *file;      /* "" where it was made by the program */
  int line;
  struct config_value *parent;
  struct config_value **items; /* of GROUP, LIST, ARRAY */
  size_t count, capacity;
};

struct config_value *config_value_create(enum config_kind kind, const char *name, const char *file,
                                         int line); /* NULL: no memory */
void config_value_destroy(struct config_value *);   /* with all below it; takes NULL */
/* Gives the child to the group or list; on an error the caller still has it. */
int config_value_add(struct config_value *parent, struct config_value *child);
/* Adds a text that is taken literally ("$" is not expanded): for groups made from a command line. */
int config_value_add_text(struct config_value *group, const char *name, const char *literal);

const struct config_value *config_value_find(const struct config_value *group, const char *name); /* NULL: none */
/* The text of a member as written, or NULL where it is absent or no text. Serves `type`. */
const char *config_value_member(const struct config_value *group, const char *name);
const char *config_kind_name(enum config_kind kind); /* "a group", "a text" */

/* "jobs.clicks.source.region" and "jobs.clicks.source.region (file.conf:12)". `member` (or NULL) is added to the path.
 */
void config_value_path(const struct config_value *, const char *member, char *out, size_t size);
void config_value_where(const struct config_value *, const char *member, char *out, size_t size);
/* Fills err at this value: where is as config_value_where gives it. Returns code. */
__attribute__((format(printf, 4, 5))) int config_value_fail(const struct config_value *, struct sluice_error *err,
                                                            int code, const char *format, ...);

int config_value_copy(const struct config_value *, struct config_value **out);
/* Lays `over` (taken on OK) upon *base: groups member by member, all else replaced. A group whose `type` differs
 * replaces the whole group, so that a sink of another type inherits nothing. */
int config_value_overlay(struct config_value *base, struct config_value *over);
/* SHA-256 of what was written, member order aside; secrets count as their templates, file and line not at all. */
int config_value_hash(const struct config_value *, char out[65]);
/* The same of what it means now, with the values of variables. Not for what has secrets. NULL value: of nothing. */
int config_value_hash_meant(const struct config_value *, char out[65]);

#endif
