/* The plugin as the host would use it, without a host. */
#include "arrow_side.h"

int arrow_side_cancelled;
char arrow_side_log[512];
extern const struct sluice_plugin sluice_plugin_v1;

static void take_log(const struct sluice_host *host, int level, const char *message) {
  (void)host, (void)level;
  snprintf(arrow_side_log, sizeof arrow_side_log, "%s", message);
}

static int answer_cancelled(const struct sluice_host *host) {
  (void)host;
  return arrow_side_cancelled;
}

static const struct sluice_host host = {
    .struct_size = sizeof host, .job = "", .sink = "", .run = "", .log = take_log, .cancelled = answer_cancelled};

const struct sluice_format *arrow_side_format(void) {
  return (const struct sluice_format *)(const void *)sluice_plugin_v1.components[0];
}

struct arrow_config arrow_side_config(void) {
  return (struct arrow_config){.max_batch = 0, .max_empty_rows = 1 << 24};
}

int arrow_side_open(struct arrow_side *side, struct test_input *bytes, const struct sluice_scan *scan,
                    struct sluice_error *err) {
  const struct sluice_format *format = arrow_side_format();
  struct sluice_input input;
  void *self = NULL;
  side->reader = (struct sluice_reader){0};
  side->self = NULL;
  int rc = format->open(&host, &side->config, &self, err);
  if (rc)
    return rc;
  side->self = self;
  test_input_open(bytes, &input);
  rc = format->decode(self, &input, scan, &side->reader, err);
  if (rc && input.release)
    input.release(&input);
  return rc;
}

void arrow_side_close(struct arrow_side *side) {
  if (side->reader.release)
    side->reader.release(&side->reader);
  if (side->self)
    arrow_side_format()->close(side->self);
  side->self = NULL;
}
