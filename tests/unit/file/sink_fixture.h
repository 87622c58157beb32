/* Driving sink-file: opening, writing numbered records as units' batches. */
#ifndef TESTS_UNIT_FILE_SINK_FIXTURE_H
#define TESTS_UNIT_FILE_SINK_FIXTURE_H
#include "fixture.h"

struct sink_config { /* as in the plugin's sink.c */
  const char *path, *operation_column;
  int32_t sync, nan;
};
const struct sluice_sink *sink_component(void);
const struct sluice_commit *sink_commit(void);
void *sink_open_path(const char *path); /* borrowed until close */
int sink_new_writer(void *self, struct sluice_writer **out, struct sluice_error *err);
/* Of a generation; 0: none. */
int sink_generation_writer(void *self, int64_t generation, struct sluice_writer **out, struct sluice_error *err);
int sink_delivery_writer(void *self, const char *delivery, int64_t generation, struct sluice_writer **out,
                         struct sluice_error *err);
#define SINK_DELIVERY "job>sink>s"
/* Writes records first..first+n-1 of a unit; its end is row first + n. */
int sink_put(struct sluice_writer *writer, const char *unit, int64_t first, int64_t n, struct sluice_error *err);
/* The same with an operation for all of them. */
int sink_put_op(struct sluice_writer *writer, const char *unit, int64_t first, int64_t n, uint8_t op,
                struct sluice_error *err);
/* The committed row of the unit; 0: none. Fails the test on an error. */
int64_t sink_committed(void *self, const char *unit);
/* Rows of this unit in the text, which must rise by one from 0; fails the test otherwise. */
int64_t sink_rows(const char *text, const char *unit);

#endif
