/* The parts at a place as a list of names: all of them, or one level with what is below a folder as one. */
#ifndef CLI_LEVEL_H
#define CLI_LEVEL_H
#include "core/base/text.h"
#include "core/run/component.h"

enum level_depth { LEVEL_ONE, LEVEL_ALL };

struct level { /* zeroed, then started */
  const struct component *source;
  enum level_depth depth;
  const char *place;
  struct text base;          /* what the names of this level begin with, without a scheme */
  struct text folder, shown; /* the folder given last: its whole name, and as it is shown */
  int64_t inside;            /* names of that folder passed over */
  bool jumped;               /* over the rest of it */
};
struct level_entry {
  struct sluice_part part; /* of a folder: its first part */
  const char *shown;       /* valid until the next call: "gt.csv", "metadata/"; LEVEL_ALL: the key, or the path */
  bool folder;
};

/* `place` is what the user wrote, and borrowed. A local path is a folder, with its slash or without. Any other place is
 * a prefix, as in S3: s3://b/p/ra shows raw/ and rare.csv, and s3://b/p/raw/ what is below. */
int level_start(struct level *, const struct component *source, const char *place, enum level_depth,
                struct sluice_error *err);
/* END after the last. A folder of more than 1,000 names is not read through where the source gives names in order; a
 * source without order may show a folder again. */
int level_next(struct level *, struct level_entry *out, struct sluice_error *err);
void level_finish(struct level *);

/* "bucket/key" of "s3://bucket/key"; a local path is itself. */
const char *name_without_scheme(const char *name);

#endif
