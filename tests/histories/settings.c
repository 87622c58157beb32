/* The job's settings. None of them changes a record. */
#include "history.h"
#include <stdio.h>

void settings_choose(struct history *h, struct chance *c) {
  static const int batches[] = {3, 10, 10, 50, 1000}, bytes[] = {1, 60, 200, 100000};
  struct settings *s = &h->settings;
  int policy = chance_below(c, 10);
  bool by_file = h->model.mode == BY_FILE || h->model.mode == BY_FILE_EXACT;
  *s = (struct settings){.policy = !by_file || policy < 7 ? POLICY_REREAD
                                   : policy < 9           ? POLICY_IGNORE
                                                          : POLICY_FAIL,
                         .workers = 1 + chance_below(c, 4),
                         .batch_rows = batches[chance_below(c, 5)],
                         .checkpoint_bytes = bytes[chance_below(c, 4)],
                         .manner = chance_below(c, 3),
                         .refuse = true};
}

void settings_change(struct history *h, struct chance *c) {
  static const int batches[] = {3, 10, 50, 1000}, bytes[] = {1, 60, 200, 100000};
  struct settings *s = &h->settings;
  struct settings before = *s;
  s->workers = 1 + chance_below(c, 4);
  s->batch_rows = batches[chance_below(c, 4)];
  s->checkpoint_bytes = bytes[chance_below(c, 4)];
  switch (chance_below(c, 8)) {
  case 0:
    s->mapping = !s->mapping;
    break;
  case 1:
    s->sample = !s->sample;
    break;
  case 2:
    s->manner = chance_below(c, 3);
    break;
  case 3:
  case 4:
    s->label++;
    break;
  default:
    break;
  }
  if (s->mapping != before.mapping || s->sample != before.sample)
    model_disturb_settings(&h->model, UNITS_RESTART);
  if (s->manner != before.manner || s->label != before.label)
    model_disturb_settings(&h->model, KEYS_CHANGE);
  history_tell(h,
               "  settings: workers %d, batch_rows %d, checkpoint_bytes %d, manner %d, mapping %d, sample %d, label %d",
               s->workers, s->batch_rows, s->checkpoint_bytes, s->manner, s->mapping, s->sample, s->label);
}

int settings_text(const struct history *h, char *out, size_t size) {
  static const char *const manners[] = {"at-once", "at-flush", "later"};
  static const char *const policies[] = {"reread", "ignore", "fail"};
  const struct settings *s = &h->settings;
  enum mode mode = h->model.mode;
  return snprintf(out, size,
                  "ledger = \"%s/ledger\";\n"
                  "jobs = { j = { source = { type = \"bucket\"; world = %lldL; };\n"
                  "  format = { type = \"csv\"; %s};\n%s"
                  "  sync = { mode = \"%s\"; on_change = \"%s\"; %s};\n"
                  "  sink = { type = \"%s\"; world = %lldL; manner = \"%s\"; refuse = %s; label = \"%d\"; };\n"
                  "  workers = %d; batch_rows = %d; checkpoint_bytes = %d; checkpoint_every = \"10s\"; }; };\n",
                  h->folder, (long long)(uintptr_t)h->world, s->sample ? "sample = \"100KiB\"; " : "",
                  s->mapping ? "  mapping = ( { from = \"id\"; to = \"id\"; type = \"int64\"; }, { from = \"v\"; to = "
                               "\"v\"; type = \"string\"; } );\n"
                             : "",
                  mode == REFRESH ? "full_refresh" : "incremental", policies[s->policy],
                  is_by_row(mode) ? "key = [\"id\"]; " : "", is_exact(mode) ? "exact" : "plain",
                  (long long)(uintptr_t)h->world, manners[s->manner], s->refuse ? "true" : "false", s->label,
                  s->workers, s->batch_rows, s->checkpoint_bytes);
}
