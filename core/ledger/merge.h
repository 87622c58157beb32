/* The merge of a listing, shared by merge.c (both sides in step) and listed.c (what happens to one part). */
#ifndef LEDGER_MERGE_H
#define LEDGER_MERGE_H
#include "core/ledger/internal.h"

enum { NAME_SIZE = 4097, VERSION_SIZE = 1025 };

/* A part as the ledger has it. Copied: nothing is changed under an open cursor. */
struct known {
  char name[NAME_SIZE], version[VERSION_SIZE];
  int64_t size, units, attempts;
  int state, skip;
  bool absent, delivered;
};
struct merge {
  struct ledger *l;
  int64_t delivery;
  struct ledger_place place;
  const struct ledger_listed *listed;
  size_t n;
  bool final;
  enum on_change policy;
  struct ledger_merged out;
  struct known *window; /* some known parts after `from` */
  size_t used, next;
  bool all;   /* no more in the ledger */
  bool moved; /* a part changed, went or came back */
  char from[NAME_SIZE];
};

int ledger_merge_damaged(struct merge *, struct sluice_error *err);
/* The part as it is now: an earlier step of this merge may have voided a unit that held it. */
int ledger_merge_read_again(struct merge *, struct known *, struct sluice_error *err);

/* listed.c */
int ledger_listed_new(struct merge *, const struct ledger_listed *, struct sluice_error *err);
int ledger_listed_again(struct merge *, struct known *, const struct ledger_listed *, struct sluice_error *err);
int ledger_listed_missing(struct merge *, struct known *, struct sluice_error *err);

#endif
