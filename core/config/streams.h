/* `stream` and `streams` of a job: which stream a part belongs to. Private to core/config. */
#ifndef CONFIG_STREAMS_H
#define CONFIG_STREAMS_H
#include "core/config/config.h"
#include "core/stream/naming.h"

struct streams_rule { /* one of `streams` */
  const char *match, *name;
  int32_t across_folders;
};
extern const struct sluice_options streams_table;

/* stream: the one template, or NULL. group: the job, for the place of an error. *out NULL: the job has one stream.
 * Texts are borrowed for the life of *out. */
int streams_set(const char *stream, const struct sluice_groups *streams, const struct config_value *group,
                struct naming **out, struct sluice_error *err);

#endif
