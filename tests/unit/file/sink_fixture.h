/* Driving sink-file: opening, writing numbered records as units' batches. */
#ifndef TESTS_UNIT_FILE_SINK_FIXTURE_H
#define TESTS_UNIT_FILE_SINK_FIXTURE_H
#include "fixture.h"

struct sink_config { /* as in the plugin's sink.c */
  const char *path;
  int32_t sync, nan;
};
const struct sluice_sink *sink_component(void);
const struct sluice_commit *sink_commit(void);
void *sink_open_path(const char *path); /* borrowed until close */
int sink_new_writer(void *self, struct sluice_writer **out, struct sluice_error *err);
/* Writes records first..first+n-1 of a unit; its end is row first + n. */
int sink_put(struct sluice_writer *writer, const char *unit, int64_t first, int64_t n, struct sluice_error *err);
/* The committed row of the unit; 0: none. Fails the test on an error. */
int64_t sink_committed(void *self, const char *unit);
/* Rows of this unit in the text, which must rise by one from 0; fails the test otherwise. */
int64_t sink_rows(const char *text, const char *unit);

#endif
