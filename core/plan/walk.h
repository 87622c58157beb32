/* A listing beside the ledger, name by name. Private to files.c, choice.c and settle.c. */
#ifndef PLAN_WALK_H
#define PLAN_WALK_H
#include "core/plan/internal.h"
#include "core/plan/listing.h"
#include "core/plan/spread.h"

enum { NAME_SIZE = 4097 };

struct walk {
  struct planning *p;
  struct plan_files *files;
  struct known_part known; /* the next one of the ledger */
  bool has_known, ended;
  char before[NAME_SIZE];       /* the last name of the listing */
  struct first_parts first;     /* of a job without streams */
  struct spread spread;         /* of one with streams */
  struct spread_stream *stream; /* of the part in hand; NULL: the job has none */
  int64_t range;                /* bytes of one read; 0: the source does not say */
  int64_t small_bytes;          /* of files that share units */
  size_t similar;               /* names that end as --part asks */
  bool exact;                   /* a name is just as --part asks */
  char skipped[64];             /* why the file of --part is not read */
};

/* Is it the file to look into, as far as is known by now? MEMORY. */
int choice_consider(struct walk *, const struct sluice_part *, enum plan_state);
/* The same of one that is not read, for this reason. */
void choice_skipped(struct walk *, const char *name, const char *reason);
/* At the end of the listing: there must be one. */
int choice_check(struct walk *, struct sluice_error *err);
/* Sets the planning's schema, by the ledger or the first files. */
int settle_schema(struct walk *, struct sluice_error *err);

#endif
