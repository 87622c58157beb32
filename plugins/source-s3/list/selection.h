/* Which objects below a path are read, and why others are not. */
#ifndef S3_SELECTION_H
#define S3_SELECTION_H
#include "list/entry.h"
#include "options.h"
#include <regex.h>

struct globs {
  struct glob **items;
  size_t count;
};
struct selection { /* zeroed is empty; for one thread */
  const struct s3_options *options;
  struct globs include, exclude;
  regex_t include_regex, exclude_regex;
  bool has_include_regex, has_exclude_regex;
  int64_t after, before; /* modified_after, modified_before; INT64_MIN, INT64_MAX: none */
  int64_t now;           /* microseconds since 1970: what ages are counted from; may be set anew */
};

/* Borrows the options; they are all checked, whatever is listed later. */
int selection_init(const struct s3_options *options, const struct s3_place *place, int64_t now,
                   struct selection *selection, struct sluice_error *err);
void selection_finish(struct selection *selection);
/* NULL: it is read. Else why not, a constant. name: the key from the last folder of the path on; names and depth do not
 * matter for an entry that is exact. */
const char *selection_reason(const struct selection *selection, const char *name, const struct stream_entry *entry);
extern const char selection_archived[]; /* the reason of archived objects */

#endif
