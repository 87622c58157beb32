/* A claim under way, shared by claim.c and suspects.c. */
#ifndef LEDGER_CLAIM_H
#define LEDGER_CLAIM_H
#include "core/ledger/internal.h"

struct claim {
  struct ledger *l;
  int64_t run, delivery;
  struct ledger_place place;
  const struct ledger_settings *settings;
  struct ledger_unit unit;
  size_t room; /* of unit.parts while they are gathered */
  char *decode_hash, *output_hash;
};
int ledger_claim_load(struct claim *, int64_t unit, struct sluice_error *err);
/* The loaded unit is this run's now, under today's settings. */
int ledger_claim_take(struct claim *, struct sluice_error *err);
/* A unit of unit.parts, claimed. */
int ledger_claim_insert(struct claim *, struct sluice_error *err);
/* suspects.c: a unit that was in flight at a crash. END: there is none to be claimed, others may go on. RETRY: one
 * runs, or others have to end first. */
int ledger_claim_suspect(struct claim *, struct sluice_error *err);

#endif
