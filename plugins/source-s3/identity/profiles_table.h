/* The sections and properties that the shared files have, in memory. Private to profiles. */
#ifndef S3_PROFILES_TABLE_H
#define S3_PROFILES_TABLE_H
#include "identity/profiles.h"

struct property {
  char *name, *value;    /* name in lower case; value of a nested block: "\nname = value" for each line in it */
  size_t size, capacity; /* of the value */
};
struct section {
  enum profiles_kind kind;
  char *name;
  struct property *properties;
  size_t count, capacity;
  bool prefixed; /* [profile default], which hides [default] */
};
struct profiles {
  struct section *sections; /* by kind and name */
  size_t count, capacity;
};

struct section *table_find(const struct profiles *profiles, enum profiles_kind kind, const char *name);
/* Finds or adds. NULL: no memory, or too many. The pointer holds until the next one is added. */
struct section *table_section(struct profiles *profiles, enum profiles_kind kind, const char *name);
void table_clear(struct section *section); /* of its properties */
struct property *table_property(const struct section *section, const char *name);
/* Sets it, with a name in lower case. NULL: no memory, or too many. The pointer holds as above. */
struct property *table_set(struct section *section, const char *name, const char *value);
bool table_append(struct property *property, const char *line); /* "\n" and the line */

/* Reads one file into the table; what is there is overwritten by name. file: for messages. */
enum profiles_file { PROFILES_CONFIG_FILE, PROFILES_CREDENTIALS_FILE };
int profiles_read(struct profiles *profiles, enum profiles_file which, const char *file, const char *text,
                  struct sluice_error *err);

#endif
