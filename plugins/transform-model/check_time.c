/* Timestamps in the window that the options allow. */
#include "checking.h"

struct window {
  int64_t first, last;
};

/* In the unit of the timestamps; the options' limits keep this far from overflow. */
static struct window window_of(const struct checking *c) {
  static const int64_t per_ms[] = {0, 1, 1000, 1000000};
  const struct model_config *config = c->bound->model->config;
  struct window w = {c->now_ms - config->max_age, c->now_ms + config->max_ahead};
  int64_t scale = per_ms[c->bound->time_unit];
  return scale ? (struct window){w.first * scale, w.last * scale} : (struct window){w.first / 1000, w.last / 1000};
}

static int out_of_window(struct checking *c, const struct use *use, int64_t row, int64_t value, bool old) {
  char shown[SLUICE_TEXT_MAX + 1];
  const struct model_config *config = c->bound->model->config;
  int64_t hours = (old ? config->max_age : config->max_ahead) / 3600000;
  shown[sluice_print_timestamp(shown, value, c->bound->time_unit, true)] = 0;
  return checking_reject(c, row, use, "Invalid_Timestamp_Value",
                         "%s is out of range: more than %lld days and %lld hours %s; mend it, or raise %s", shown,
                         (long long)(hours / 24), (long long)(hours % 24), old ? "in the past" : "in the future",
                         old ? "max_age" : "max_ahead");
}

int check_window(const struct check *check, struct checking *c) {
  const struct ArrowArray *array = &c->views[check->use];
  const int64_t *values = (const int64_t *)array->buffers[1] + array->offset;
  struct window w = window_of(c);
  int outside = 0, code = SLUICE_OK;
  for (int64_t i = 0; i < c->rows; i++)
    outside |= (values[i] < w.first) | (values[i] > w.last);
  for (int64_t i = 0; i < c->rows && outside && !code; i++)
    if ((values[i] < w.first || values[i] > w.last) && !sluice_is_null(array, i))
      code = out_of_window(c, &c->bound->uses[check->use], i, values[i], values[i] < w.first);
  return code;
}
