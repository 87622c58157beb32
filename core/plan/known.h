/* What the ledger says of one delivery's parts, read so that nothing in its folder changes. */
#ifndef PLAN_KNOWN_H
#define PLAN_KNOWN_H
#include "core/ledger/ledger.h"

struct known;
struct known_part { /* texts are valid until the next call */
  const char *name, *version;
  enum part_state state;
  bool delivered, absent;
};
/* A job that never ran is known too: it has no parts. CONFIG: the ledger is of a newer version, or none. */
int known_open(const char *dir, const char *job, const char *sink, struct known **out, struct sluice_error *err);
void known_close(struct known *);         /* takes NULL */
bool known_has_run(const struct known *); /* there is such a delivery */
/* The newest schema's text, malloc'ed; NULL: none. */
int known_schema(struct known *, char **text, struct sluice_error *err);
/* Parts in byte order of their names; END after the last. */
int known_next(struct known *, struct known_part *out, struct sluice_error *err);
/* RETRY: what was read may be of two moments, for a run of the job began meanwhile. */
int known_verify(const struct known *, struct sluice_error *err);

#endif
