/* A dry run of one job: what a run would do, found out without writing anything anywhere. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H
#include "core/config/config.h"
#include "core/config/prices.h"
#include "core/load/registry.h"
#include "core/plan/sight.h"
#include "core/run/stop.h"

enum { PLAN_FINDINGS_MAX = 1000, PLAN_ERRORS_MAX = 100, PLAN_REASONS_MAX = 64, PLAN_SKIPS_MAX = 32 };

struct plan_question {
  const char *sink, *part; /* NULL: the job's own; the first file */
  int64_t rows;            /* records to show */
  bool all_rows;           /* look at every record of the part, not only at the first ones */
};

/* Texts are the plan's own; NULL where there is none. Secrets in them are masked. */
struct plan_reason { /* why it does not pass */
  int code;          /* a sluice_status; OK: records would be rejected */
  char *text;
};
struct plan_finding {
  const char *kind;  /* "source", "sink" */
  char *type, *name; /* "s3"; of a sink */
  char *what, *text; /* the right or thing */
  int state;         /* 1 good, 0 bad, -1 not known */
};

enum plan_state { /* of a file, as a run would find it */
                  PLAN_NEW,
                  PLAN_PENDING, /* an earlier run left it, or stopped in the middle */
                  PLAN_CHANGED,
                  PLAN_FAILED, /* before; a run tries again */
                  PLAN_AGAIN,  /* delivered before, and read anew by the job's mode */
                  PLAN_UNCHANGED,
                  PLAN_REFUSED, /* changed, and on_change = "fail" */
                  PLAN_BEFORE,  /* start_from leaves it out */
                  PLAN_STATES
};
const char *plan_state_name(enum plan_state);
bool plan_state_is_read(enum plan_state);
struct plan_count {
  int64_t files, bytes; /* bytes: of those whose size is known */
};
struct plan_stream {
  char *name, *note;    /* note NULL: there is none */
  int64_t files, bytes; /* to be read */
  int64_t names;        /* in the listing */
};
struct plan_files {
  bool listed; /* to the end */
  bool ledger; /* the job has run before */
  struct plan_count states[PLAN_STATES], read;
  int64_t unknown_size;              /* of those to be read */
  int64_t names, gone, reads, units; /* names: listed; reads: ranged requests; units: what cannot share a batch */
  struct plan_stream *streams;       /* in byte order of their names; NULL: the job has none */
  size_t n_streams;
  int64_t misnamed; /* that can be of no stream: the first of them are reasons */
  int64_t skipped;
  size_t n_skips;
  struct plan_skip {
    char reason[64];
    int64_t files;
  } skips[PLAN_SKIPS_MAX];
};
struct plan_part { /* the file that was looked into */
  char *name, *version;
  char *stream; /* NULL: the job has none */
  int64_t size, modified;
  enum plan_state state;
};
struct plan_column {
  char *name, *found, *wanted; /* types; found: as the file has it, NULL: it has not; wanted: as the job reads it */
  char *to;                    /* where the mapping puts it; NULL: nowhere */
  char *note;                  /* worth a look */
  char *problem;               /* it cannot go on */
};
enum plan_origin { PLAN_SCHEMA_NONE, PLAN_SCHEMA_REMEMBERED, PLAN_SCHEMA_INFERRED, PLAN_SCHEMA_WANTED };
struct plan_schema {
  enum plan_origin origin;
  struct sight sight; /* of the first files, where the schema is inferred; its own schema is not kept */
  struct plan_column *columns;
  size_t n_columns;
};
struct plan_error { /* a record that would be rejected */
  char *code;       /* "invalid_record" and so on: README of core/plan */
  char *message, *column, *value, *record;
  int64_t row, offset; /* as the reject file has them; -1 unknown */
};
struct plan_sample {
  bool looked, whole;                        /* whole: to the end of the part */
  bool keys_cut;                             /* there were more keys than could be compared */
  int64_t records, rejected, filtered;       /* records: with those rejected, and those that `where` leaves out */
  int64_t bytes_read, bytes_encoded;         /* of the source; of the records as JSON */
  struct plan_error errors[PLAN_ERRORS_MAX]; /* the first, by row */
  size_t n_errors;
  char **payloads; /* JSON, exactly as sluice.encode writes it */
  size_t n_payloads;
};
struct plan_cost {
  int64_t lists, reads, sends;               /* requests; -1: not known, or none are made */
  int64_t credentials;                       /* requests that the planning itself made to be let in; -1: none */
  int64_t records;                           /* expected; -1 not known */
  int64_t send_rows, send_bytes, read_bytes; /* most of a request; 0 unknown */
  bool priced;
  const char *currency;
  double list_cost, read_cost, transfer_cost, send_cost, total;
};
struct plan {
  const struct config_job *job;
  const char *sink; /* name; borrowed from the configuration */
  struct plan_reason reasons[PLAN_REASONS_MAX];
  size_t n_reasons;
  struct plan_finding *findings;
  size_t n_findings;
  struct plan_files files;
  struct plan_part part;
  struct plan_schema schema;
  struct plan_sample sample;
  struct plan_cost cost;
};

/* What is wrong with the job is in the plan (reasons), not an error. Errors: MEMORY, CANCELLED. `out` is to be finished
 * in any case. */
int plan_job(struct registry *, const struct config *, const struct config_job *, const struct plan_question *,
             const struct stop *, struct plan *out, struct sluice_error *err);
void plan_finish(struct plan *);
static inline bool plan_passes(const struct plan *plan) {
  return plan->n_reasons == 0;
}

#endif
