/* The configuration of a whole program: files, laid one upon the other, into jobs. Grammar: docs/configuration.md. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H
#include "core/config/value.h"

struct config;

/* Loads 1 or more files; a later one overrides an earlier one member by member (see config_value_overlay). Everything
 * that is the host's is checked; groups of plugins are checked when they are bound (options_bind). */
int config_load(const char *const *paths, size_t n, struct config **out, struct sluice_error *err);
int config_load_text(const char *name, const char *text, size_t size, struct config **out, struct sluice_error *err);
void config_unload(struct config *); /* takes NULL. (libconfig owns the name config_destroy) */

const char *config_ledger(const struct config *); /* folder; default "./sluice-ledger" */
struct sluice_list config_plugin_dirs(const struct config *);

enum config_mode { CONFIG_INCREMENTAL, CONFIG_FULL_REFRESH, CONFIG_APPEND };
enum config_on_change {
  CONFIG_CHANGE_REREAD,
  CONFIG_CHANGE_IGNORE,
  CONFIG_CHANGE_FAIL
}; /* the same numbers as the ledger's */
enum config_overlap { CONFIG_OVERLAP_SKIP, CONFIG_OVERLAP_QUEUE };
enum config_catch_up { CONFIG_CATCH_UP_ONCE, CONFIG_CATCH_UP_NONE, CONFIG_CATCH_UP_ALL };
enum config_start { CONFIG_START_ALL, CONFIG_START_AT, CONFIG_START_NOW };
enum config_on_error { CONFIG_ERROR_REJECT, CONFIG_ERROR_FAIL };
enum config_unmapped { CONFIG_UNMAPPED_OPEN, CONFIG_UNMAPPED_DROP, CONFIG_UNMAPPED_KEEP };
enum config_new { CONFIG_NEW_ADD, CONFIG_NEW_IGNORE, CONFIG_NEW_REJECT, CONFIG_NEW_STOP, CONFIG_NEW_RESCUE };
enum config_missing { CONFIG_MISSING_IGNORE, CONFIG_MISSING_REJECT, CONFIG_MISSING_STOP };
enum config_changed { CONFIG_CHANGED_REJECT, CONFIG_CHANGED_STOP, CONFIG_CHANGED_RESCUE };

struct config_mapping { /* texts are NULL where absent; from, value or null, not two of them */
  const char *from, *to, *type, *value, *default_value;
  int32_t required, exclude, null;
};
struct config_evolution { /* what becomes of a part whose columns are not the job's */
  enum config_new fresh;
  enum config_missing missing;
  enum config_changed changed;
  const char *rescue_column; /* NULL: nothing is rescued */
};
struct config_sync { /* when the job runs, and what a run delivers */
  enum config_mode mode;
  enum config_on_change on_change;
  enum config_start start;
  int64_t start_us;                 /* CONFIG_START_AT: microseconds since 1970 */
  const char *start_from;           /* as written; NULL where absent, as all texts */
  const char *const *keys, *cursor; /* columns */
  size_t n_keys;                    /* 0: not by row */
  bool allow_empty;
  int64_t every_ms, jitter_ms; /* every 0: not given */
  const char *cron, *timezone;
  enum config_overlap overlap;
  enum config_catch_up catch_up;
};
struct config_run_end; /* run_end.h */
struct naming;         /* core/stream/naming.h */
struct config_job {
  const char *name;
  const struct config_value *group;             /* the whole job, for its place and its hash */
  const struct config_value *source;            /* a group with a text `type` */
  const struct config_value *format;            /* a group with a text `type`; made where absent: type = "auto" */
  const struct config_value *const *transforms; /* groups with a text `type` */
  size_t transform_count;
  const struct config_mapping *mapping;
  size_t mapping_count;
  const struct config_value *mapping_value; /* NULL: none */
  bool keep_unmapped;                       /* columns that no rule names go out under their own names */
  const struct sluice_where *where;         /* NULL: all records */
  const struct config_value *where_value;
  struct config_evolution evolution;
  const struct naming *streams; /* NULL: all parts are of one stream, "main" */
  struct config_sync sync;
  const struct config_run_end *run_end; /* NULL: none */
  enum config_on_error on_error;
  int64_t max_rejects;        /* records; -1: no limit by count */
  double max_reject_fraction; /* 0.01 for "1%"; -1: no limit by fraction */
  int64_t workers;            /* 0: as many as cores */
  int64_t memory, batch_rows, batch_bytes;
  int64_t split_bytes; /* a part of so much or more twice over is cut, where its format can; 0: never */
  int64_t checkpoint_bytes, checkpoint_ms; /* a checkpoint after that much or that long, whichever is first */
};
size_t config_job_count(const struct config *);
const struct config_job *config_job_at(const struct config *, size_t i); /* in the order of the file */
/* CONFIG: no such job; err names the nearest, or lists the known ones. */
int config_find_job(const struct config *, const char *name, const struct config_job **out, struct sluice_error *err);
/* The sink of a job: a group with a text `type`, and its name ("platform"; a sink in place is called by its type).
 * override (or NULL) is the name of another one, as --sink gives it. CONFIG: no such sink; err lists the known ones. */
int config_job_sink(const struct config *, const struct config_job *, const char *override,
                    const struct config_value **value, const char **name, struct sluice_error *err);
/* The type of the constant of rule i as it is written: 5 is an int64, "5" a string. Where the rule says none. */
const char *config_constant_type(const struct config_job *, size_t i);
/* Canonical hash of a subtree; the same as config_value_hash. NULL value: of nothing. */
int config_hash(const struct config_value *, char out[65]);

#endif
