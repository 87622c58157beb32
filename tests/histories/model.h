/* The model: every version of every part that there ever was, and what is known to have become of it. */
#ifndef HISTORIES_MODEL_H
#define HISTORIES_MODEL_H
#include "world.h"

enum { MODEL_ROWS = 140, MODEL_VALUE = 32, MODEL_RUNS = 64 };

enum mode { BY_FILE, BY_FILE_EXACT, BY_ROW, BY_ROW_EXACT, REFRESH, MODES };
static inline bool is_exact(enum mode mode) {
  return mode == BY_FILE_EXACT || mode == BY_ROW_EXACT || mode == REFRESH;
}
static inline bool is_by_row(enum mode mode) {
  return mode == BY_ROW || mode == BY_ROW_EXACT;
}
const char *mode_name(enum mode);

enum row_kind { ROW_GOOD, ROW_BROKEN /* too few fields */, ROW_REFUSED /* by the sink */, ROW_NULL_KEY, ROW_TWICE };
struct model_row {
  int64_t id;
  enum row_kind kind;
  char value[MODEL_VALUE];
};
struct version { /* one content under one name */
  int part, serial, n_rows;
  bool sized;
  bool certain;    /* it was delivered whole: a run that nothing disturbed has seen it */
  bool may_repeat; /* settings, or a part in one bundle with it, changed while it may have been in pieces */
  bool rekeyed;    /* only its keys may have changed */
  bool fresh;      /* no other version has rows of it */
  bool refusing;   /* the destination refused when it came */
  struct model_row rows[MODEL_ROWS];
};
struct seen { /* what a run could see of each part: versions by number + 1, 0: none */
  int before[WORLD_PARTS], after[WORLD_PARTS];
};
struct model {
  enum mode mode;
  struct version *versions;
  int n_versions;
  int now[WORLD_PARTS]; /* version by number + 1, 0: there is none */
  int64_t next_id;
  int next_value;
  struct seen runs[MODEL_RUNS];
  int n_runs;
};
void model_finish(struct model *);
/* A new version, to be filled; its number. It is not there yet. Ends the program where there is no memory. */
int model_add(struct model *, int part);
const struct version *model_now(const struct model *, int part); /* NULL: none */
/* What may be in pieces, and is in one bundle with a part that changes, may come again under new keys. */
void model_disturb_bundles(struct model *);
enum disturbance { KEYS_CHANGE, UNITS_RESTART };
void model_disturb_settings(struct model *, enum disturbance);
/* A run begins and ends. What all it saw has become certain, if nothing disturbed it; under policies other than reread
 * only of parts that never changed. */
enum certainty { NOTHING_CERTAIN, FIRST_VERSIONS_CERTAIN, ALL_CERTAIN };
void model_run_begins(struct model *);
void model_run_ends(struct model *, enum certainty);

#endif
