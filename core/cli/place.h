/* A PATH or URI of the command line, opened by the source that reads it. */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/run/component.h"

size_t place_scheme(const char *place); /* length of the scheme before "://"; 0: a local path */
bool place_is_local(const char *place); /* also file:// */
/* Opens `place` (without a scheme: a local path), with each -o. Any source with an option `path` can serve. CONFIG:
 * none reads it, or a wrong option. Nothing to close after an error; the component must not move. */
int place_open(const struct cli *, struct registry *, const char *place, const struct stop *, struct component *out,
               struct sluice_error *err);

struct tally { /* parts that are not read, by reason */
  struct tally_item {
    char reason[64];
    int64_t count;
  } items[32];
  size_t count; /* of reasons; those that do not fit are counted under the last */
  int64_t total;
};
void tally_add(struct tally *, const char *reason);
int tally_text(const struct tally *, struct text *out); /* appends "3 skipped (folder marker 2, excluded 1)" */

#endif
