/* The steps of a history, and what is looked at between them. */
#include "history.h"
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

uint64_t chance_next(struct chance *c) { /* splitmix64 */
  uint64_t z = c->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

void history_tell(const struct history *h, const char *format, ...) {
  va_list args;
  if (!h->told)
    return;
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  putchar('\n');
}

bool history_wrong(struct history *h, const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (!h->wrong[0])
    vsnprintf(h->wrong, sizeof h->wrong, format, args);
  va_end(args);
  return false;
}

/* ---- its folder ---- */

static bool make_folder(struct history *h) {
  const char *top = getenv("TMPDIR");
  snprintf(h->folder, sizeof h->folder, "%.150s/sluice-history-XXXXXX", top ? top : "/tmp");
  if (!mkdtemp(h->folder))
    return history_wrong(h, "no folder could be made in %s", top ? top : "/tmp");
  snprintf(h->world->book, sizeof h->world->book, "%s/book", h->folder);
  return true;
}

static void remove_files(const char *folder) {
  DIR *dir = opendir(folder);
  char path[600];
  for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    unlink(path); /* what is a folder stays */
  }
  if (dir)
    closedir(dir);
}

static void remove_folder(const struct history *h) {
  char ledger[256];
  snprintf(ledger, sizeof ledger, "%s/ledger", h->folder);
  remove_files(ledger);
  rmdir(ledger);
  remove_files(h->folder);
  rmdir(h->folder);
}

/* ---- steps ---- */

/* One step: changes, then a run. It depends on the history's seed and its number alone, so that others can be left out.
 */
static bool step(struct history *h, int number) {
  struct chance c = {h->seed * 1000003 + (uint64_t)number};
  chance_next(&c);
  if (h->left_out >> number & 1)
    return true;
  history_tell(h, "step %d", number);
  if (chance_of(&c, 25))
    settings_change(h, &c);
  for (int n = chance_of(&c, 45) ? 0 : 1 + chance_below(&c, 3); n > 0; n--)
    bucket_change(h, &c);
  enum pass_end end = pass_run(h, chance_of(&c, 85) ? &c : NULL);
  return end != PASS_BAD && check_destination(h, false);
}

/* Until nothing is left to do. A run that had only rejects says that it failed. */
static bool run_to_the_end(struct history *h) {
  enum pass_end end = PASS_FAILED;
  for (int i = 0; i < 3 && end == PASS_FAILED; i++)
    end = pass_run(h, NULL);
  if (end == PASS_FAILED)
    history_wrong(h, "three runs that nothing disturbed failed: see the log");
  return end == PASS_DONE;
}

static bool end_well(struct history *h) {
  h->settings.policy = POLICY_REREAD;
  history_tell(h, "the end");
  return run_to_the_end(h) && check_destination(h, true) && check_rejects(h);
}

/* The destination refuses nothing any more. What it refused before must not count as delivered. */
static bool forgive(struct history *h) {
  history_tell(h, "what was refused is taken from now on, and all parts are touched");
  h->settings.refuse = false;
  model_disturb_settings(&h->model, KEYS_CHANGE);
  bucket_touch_all(h);
  return run_to_the_end(h) && check_destination(h, true);
}

static bool play(struct history *h) {
  struct chance c = {h->seed};
  h->model.mode = (enum mode)chance_below(&c, MODES);
  h->n_steps = 2 + chance_below(&c, 7);
  settings_choose(h, &c);
  history_tell(h, "%s, policy %d, workers %d, batch_rows %d, checkpoint_bytes %d, manner %d", mode_name(h->model.mode),
               h->settings.policy, h->settings.workers, h->settings.batch_rows, h->settings.checkpoint_bytes,
               h->settings.manner);
  bucket_fill(h, &c, 1 + chance_below(&c, 5));
  bool good = true;
  for (int i = 0; i < h->n_steps && good; i++)
    good = step(h, i);
  return good && end_well(h) && (!is_by_row(h->model.mode) || forgive(h));
}

bool history_play(struct history *h) {
  memset(h->world, 0, sizeof *h->world);
  memset(&h->model, 0, sizeof h->model);
  h->wrong[0] = 0;
  bool good = make_folder(h) && play(h);
  if (good || !h->told)
    remove_folder(h);
  model_finish(&h->model);
  return good;
}
