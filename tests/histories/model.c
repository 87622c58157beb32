/* The model's state. */
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mode_name(enum mode mode) {
  static const char *const names[] = {"by file", "by file, exact", "by row", "by row, exact", "full refresh"};
  return names[mode];
}

void model_finish(struct model *m) {
  free(m->versions);
  memset(m, 0, sizeof *m);
}

int model_add(struct model *m, int part) {
  struct version *grown = realloc(m->versions, (size_t)(m->n_versions + 1) * sizeof *grown);
  if (!grown) {
    fprintf(stderr, "histories: no memory\n");
    exit(2);
  }
  m->versions = grown;
  grown[m->n_versions] = (struct version){.part = part, .serial = m->n_versions, .fresh = true};
  return m->n_versions++;
}

const struct version *model_now(const struct model *m, int part) {
  return m->now[part] ? &m->versions[m->now[part] - 1] : NULL;
}

void model_disturb_bundles(struct model *m) {
  for (int i = 0; i < m->n_versions; i++)
    if (!m->versions[i].certain && m->versions[i].sized)
      m->versions[i].may_repeat = true;
}

void model_disturb_settings(struct model *m, enum disturbance what) {
  for (int i = 0; i < m->n_versions; i++)
    if (!m->versions[i].certain)
      *(what == KEYS_CHANGE ? &m->versions[i].rekeyed : &m->versions[i].may_repeat) = true;
}

void model_run_begins(struct model *m) {
  if (m->n_runs == MODEL_RUNS) {
    memmove(m->runs, m->runs + 1, (MODEL_RUNS - 1) * sizeof *m->runs);
    m->n_runs--;
  }
  memcpy(m->runs[m->n_runs].before, m->now, sizeof m->now);
  memcpy(m->runs[m->n_runs++].after, m->now, sizeof m->now);
}

static bool is_first(const struct model *m, int version) {
  for (int i = 0; i < version; i++)
    if (m->versions[i].part == m->versions[version].part)
      return false;
  return true;
}

void model_run_ends(struct model *m, enum certainty certainty) {
  memcpy(m->runs[m->n_runs - 1].after, m->now, sizeof m->now);
  for (int i = 0; i < WORLD_PARTS; i++)
    if (m->now[i] && (certainty == ALL_CERTAIN || (certainty == FIRST_VERSIONS_CERTAIN && is_first(m, m->now[i] - 1))))
      m->versions[m->now[i] - 1].certain = true;
}
