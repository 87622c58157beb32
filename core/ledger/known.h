/* What the ledger says of the parts of a delivery, or of a job's streams, read so that nothing in its folder changes.
 */
#ifndef LEDGER_KNOWN_H
#define LEDGER_KNOWN_H
#include "core/ledger/ledger.h"

struct known;
struct known_part { /* texts are valid until the next call */
  const char *name, *version;
  enum part_state state;
  bool delivered, absent;
};
/* stream: "main", or "*" of a job with streams. A job that never ran is known too: it has no parts. CONFIG: the ledger
 * is of a newer version, or none. */
int known_open(const char *dir, const char *job, const char *sink, const char *stream, struct known **out,
               struct sluice_error *err);
void known_close(struct known *);         /* takes NULL */
bool known_has_run(const struct known *); /* there is such a delivery */
/* Before known_compare: CONFIG where a run would ask about the sink or the streams (as ledger_take_over and
 * ledger_split_by say it). What a sink delivered that is called otherwise now is read from here on. */
int known_take_over(struct known *, const struct ledger_takeover *, const char *naming, struct sluice_error *err);
/* CONFIG: it delivered other data, or elsewhere, and a run would ask what to do; as ledger_identify says it. */
int known_compare(struct known *, const struct ledger_identity *now, struct sluice_error *err);
/* The newest schema's text, malloc'ed; NULL: none. */
int known_schema(struct known *, char **text, struct sluice_error *err);
/* Parts in byte order of their names; END after the last. */
int known_next(struct known *, struct known_part *out, struct sluice_error *err);

/* ---- a job with streams ---- */

struct known_stream {
  int64_t delivery, parts; /* parts: what stands for it in the tables of parts */
  int64_t created, listed;
};
/* END: the ledger has no such stream. */
int known_stream(struct known *, const char *stream, struct known_stream *out, struct sluice_error *err);
int known_stream_schema(struct known *, const struct known_stream *, char **text, struct sluice_error *err);
/* One part by its name; END: it is not known. */
int known_part(struct known *, const struct known_stream *, const char *name, struct known_part *out,
               struct sluice_error *err);
/* The first part that is there, malloc'ed; NULL: none. */
int known_first_part(struct known *, const struct known_stream *, char **name, struct sluice_error *err);
/* How many parts of all streams of the sink were there at the last listing. */
int known_count(struct known *, int64_t *out, struct sluice_error *err);
/* When the job was first listed whole; 0: never. */
int64_t known_first_listed(const struct known *);

/* RETRY: what was read may be of two moments, for a run of the job began meanwhile. */
int known_verify(const struct known *, struct sluice_error *err);

#endif
