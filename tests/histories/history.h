/* A history: a bucket that changes, settings that change, runs that are cut. Its steps follow from its seed. */
#ifndef HISTORIES_HISTORY_H
#define HISTORIES_HISTORY_H
#include "core/load/registry.h"
#include "model.h"

/* ---- chance ---- */

struct chance {
  uint64_t state;
};
uint64_t chance_next(struct chance *);
static inline int chance_below(struct chance *c, int n) {
  return (int)(chance_next(c) % (uint64_t)n);
}
static inline bool chance_of(struct chance *c, int percent) {
  return chance_below(c, 100) < percent;
}

enum policy { POLICY_REREAD, POLICY_IGNORE, POLICY_FAIL };
struct settings { /* of the job */
  enum policy policy;
  int workers, batch_rows, checkpoint_bytes, manner, mapping, sample, label;
  bool refuse;
};
enum { HISTORY_STEPS = 60 };
struct history {
  uint64_t seed;
  uint64_t left_out; /* steps by number, to make a failing history shorter */
  bool told;         /* every step is printed */
  struct world *world;
  struct registry *registry;
  struct model model;
  struct settings settings;
  char folder[200], wrong[1400];
  int n_steps, n_runs, n_cut; /* of all runs, those that a crash point ended */
};

/* Plays it in a folder of its own, which is kept if it fails. false: h->wrong says what was not as promised. */
bool history_play(struct history *);
__attribute__((format(printf, 2, 3))) void history_tell(const struct history *, const char *format, ...);
/* Notes what is wrong (the first counts); returns false. */
__attribute__((format(printf, 2, 3))) bool history_wrong(struct history *, const char *format, ...);

/* bucket.c: one change of the bucket, or a change that comes while a run reads. */
void bucket_change(struct history *, struct chance *);
void bucket_change_later(struct history *, struct chance *);
void bucket_changed(struct history *);   /* after the run: the model learns of it */
void bucket_touch_all(struct history *); /* all parts have new versions with the rows that they had */
void bucket_fill(struct history *, struct chance *, int n); /* so many parts at least */

/* settings.c */
void settings_choose(struct history *, struct chance *);
void settings_change(struct history *, struct chance *);
int settings_text(const struct history *, char *out, size_t size); /* the configuration */

/* pass.c */
enum pass_end { PASS_DONE, PASS_FAILED /* in an orderly way */, PASS_CUT, PASS_BAD /* h->wrong says it */ };
enum pass_end pass_run(struct history *, struct chance *cut); /* cut NULL: nothing disturbs it */

/* check.c, check_rejects.c: what must hold now; `final`: after a last run that nothing disturbed. */
bool check_destination(struct history *, bool final);
bool check_rejects(struct history *);

#endif
