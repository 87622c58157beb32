/* The ledger as plain arrays in memory: what test_model.c holds the real one against. No pointers, so that it can lie
 * in memory shared with a child that dies. */
#ifndef LEDGER_MODEL_H
#define LEDGER_MODEL_H
#include "core/ledger/ledger.h"

enum { MODEL_PARTS = 10, MODEL_UNITS = 256, MODEL_BUNDLE = 3, MODEL_REJECTS = 8192 };
extern const char *const model_names[MODEL_PARTS]; /* in byte order */

struct model_part {
  bool exists, absent, delivered;
  int version, size, state, unit, rows, attempts; /* unit: 0 none */
};
struct model_unit {
  bool exists;
  int state; /* 0 free, 1 claimed, 2 failed */
  int owner, epoch, attempts, crashes, row, rows, rejects, decode, output, n, parts[MODEL_BUNDLE];
};
struct model {
  struct model_part parts[MODEL_PARTS];
  struct model_unit units[MODEL_UNITS]; /* by id */
  int last_unit, run;
  bool run_live;
  struct ledger_counters counters; /* of the run */
  int rejects_size;
  char rejects[MODEL_REJECTS];
  short rejects_of[MODEL_REJECTS];      /* of each byte, the unit */
  short rejects_of_part[MODEL_REJECTS]; /* and the part; -1: of a bundle, whose lines here name none */
};

/* One operation with all that decides it. */
enum model_kind {
  MODEL_BEGIN,
  MODEL_END,
  MODEL_MERGE,
  MODEL_CLAIM,
  MODEL_CHECKPOINT,
  MODEL_FINISH,
  MODEL_RELEASE,
  MODEL_FAIL,
  MODEL_VOID
};
struct model_op {
  enum model_kind kind;
  int first, last;         /* MERGE: parts first..last; last MODEL_PARTS: final */
  int listed[MODEL_PARTS]; /* version; 0: not listed */
  enum on_change policy;
  int decode, output; /* CLAIM: settings; bundle: up to 2 small parts */
  bool bundle;
  int unit, epoch, n; /* the claim that it acts under, and its parts */
  int parts[MODEL_BUNDLE], row, rows, rejects, index, version;
  char line[32];
};
/* Does it to the model. Returns what the ledger shall return; claimed (of CLAIM): the unit's id. */
int model_apply(struct model *, const struct model_op *, int *claimed);
/* All of it as text, and the SQL that makes the same text of the file. */
char *model_text(const struct model *);
extern const char model_sql[];

#endif
