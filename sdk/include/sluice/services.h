/* Optional powers of Sluice plugins and hosts, by string id. SPDX-License-Identifier: Apache-2.0
 *
 * host->service(host, id) gives what the host offers; base->extension(id) gives what a component offers. Each returns a
 * pointer to the struct named here, valid for the life of the process, or NULL. Every struct here grows as plugin.h
 * says. An id ends in its version; what an id means never changes. */
#ifndef SLUICE_SERVICES_H
#define SLUICE_SERVICES_H
#include <sluice/plugin.h>
#ifdef __cplusplus
extern "C" {
#endif

/* ---- sluice.encode/1, a host's: Arrow batches to the bytes of text formats ---- */
#define SLUICE_ENCODE "sluice.encode/1"

struct sluice_encoded { /* frozen; belongs to the encoder, valid until its next encode or close */
  const uint8_t *data;  /* the records, one after the other, each ended as the format ends them (ndjson: "\n") */
  size_t size;
  const size_t *ends; /* record i of the range is data[i ? ends[i - 1] : 0 .. ends[i]); empty: it was rejected; NULL:
                       * the format has no bytes of a single record (arrow) */
  int64_t rows;       /* of the range */
};
struct sluice_encode {
  uint32_t struct_size, flags;
  /* [any] format: "ndjson" (RFC 8259 objects, a line each), "json" (the same without line ends, for a list of them),
   * "csv" (RFC 4180, no header row), or "arrow" (each encode gives a whole IPC stream of the range). options: pairs
   * such as nan = "string"; may be NULL. UNSUPPORTED: no such format; CONFIG: no such option or value. */
  int (*open)(const char *format, const struct sluice_map *options, const struct ArrowSchema *schema, void **encoder,
              struct sluice_error *err);
  void (*close)(void *encoder); /* [instance] takes NULL */
  /* [instance] Encodes records first..last-1 of a batch of that schema. A record that has no encoding (text that is not
   * UTF-8) goes to rejects, with the index in the batch, and stays empty in `out`. */
  int (*encode)(void *encoder, const struct sluice_batch *batch, int64_t first, int64_t last,
                struct sluice_rejects *rejects, struct sluice_encoded *out, struct sluice_error *err);
};

/* ---- sluice.metrics/1, a host's: counters for whoever watches a job ---- */
#define SLUICE_METRICS "sluice.metrics/1"

struct sluice_metrics {
  uint32_t struct_size, flags;
  /* [any] A counter of this component in this job; it only grows. To be asked for at open; the same name gives the same
   * counter, also to another instance. name: the end of an OpenMetrics name, without "_total": at most 47 lower case
   * letters, digits and _, from a letter on, its unit last, such as "sent_bytes". Four are known: "requests" to the
   * other end, each attempt counted, "retries", those of them that were not the first, and "pruned_rows", records that
   * a reader left out by a scan's `where`. CONFIG: no such name. UNSUPPORTED: the host keeps no more. */
  int (*counter)(const struct sluice_host *, const char *name, void **counter, struct sluice_error *err);
  void (*add)(void *counter, uint64_t n); /* [any] until the instance closes; takes NULL */
};

struct sluice_counter { /* a plugin's own: zeroed it counts nothing, as where the host does not offer to */
  const struct sluice_metrics *metrics;
  void *counter;
};
static inline struct sluice_counter sluice_counter_get(const struct sluice_host *host, const char *name) {
  struct sluice_counter out = {(const struct sluice_metrics *)host->service(host, SLUICE_METRICS), 0};
  if (out.metrics && out.metrics->counter(host, name, &out.counter, 0) != SLUICE_OK)
    out.counter = 0;
  return out;
}
static inline void sluice_count(struct sluice_counter counter, uint64_t n) { /* [any] */
  if (counter.counter)
    counter.metrics->add(counter.counter, n);
}

/* ---- sluice.check/1, a source's or sink's: is what it needs there? ---- */
#define SLUICE_CHECK "sluice.check/1"

struct sluice_findings { /* frozen; [instance]; the host's */
  /* state: 1 good, 0 bad, -1 not known. what: the right or thing, such as "s3:ListBucket". text: one line, what was
   * seen and, where it is bad, what to do. OK, or the host's reason to stop. */
  int (*add)(struct sluice_findings *, int state, const char *what, const char *text, struct sluice_error *err);
  void *private_data;
};
enum { /* what a job may ask of a sink: records that are changed; a full refresh, as sluice.commit/1 has it */
       SLUICE_ASKS_UPDATES = 1,
       SLUICE_ASKS_GENERATIONS = 2
};
struct sluice_check {
  uint32_t struct_size, flags;
  /* [instance] Tries access without changing anything. OK: `found` says in one line what was seen. */
  int (*check)(void *self, char *found, size_t size, struct sluice_error *err);
  /* Optional. As check, a finding at a time; goes on after a bad one where that makes sense. Returns the code of the
   * first bad one; err may stay empty, for the findings say it all. */
  int (*report)(void *self, struct sluice_findings *findings, struct sluice_error *err);
  /* Optional. Can this instance, with its options, do what is asked (SLUICE_ASKS_*, one or several)? Known without
   * looking at the destination. OK; UNSUPPORTED or CONFIG, and err says what to set. */
  int (*able)(void *self, uint32_t asks, struct sluice_error *err);
};

/* ---- sluice.policy/1, a source's or sink's: which rights does it need there? ---- */
#define SLUICE_POLICY "sluice.policy/1"

struct sluice_text_out { /* frozen; [instance]; the host's */
  int (*put)(struct sluice_text_out *, const char *bytes, size_t n, struct sluice_error *err);
  void *private_data;
};
struct sluice_policy {
  uint32_t struct_size, flags;
  /* [instance] Writes the least rights that this instance needs, as text that people or tools can put in place. Asks
   * nobody over the network. form: "json" or "terraform"; others are UNSUPPORTED. principal: who will read, in the
   * service's own words (an ARN); NULL: not known. */
  int (*write)(void *self, const char *form, const char *principal, struct sluice_text_out *out,
               struct sluice_error *err);
};

/* ---- sluice.inspect/1, a format's: what is in a file, besides its records? ---- */
#define SLUICE_INSPECT "sluice.inspect/1"

struct sluice_inspect {
  uint32_t struct_size, flags;
  /* [any] Writes one JSON object, its members in the order in which people should read them and named in the words of
   * the format's specification. "schema" is a list of objects with "name" and "type"; "rows" stands where it is known.
   * A list of objects is shown as a table, so these hold the same plain members. Reads what it needs of the file, not
   * all of it, and is bounded for hostile ones. in: stays the caller's. name: of the part, for messages. */
  int (*inspect)(void *self, struct sluice_input *in, const char *name, struct sluice_text_out *out,
                 struct sluice_error *err);
};

/* ---- sluice.commit/1, a sink's: it keeps the position with the data, so each record is there exactly once ---- */
/* What the sink refuses it reports before it makes a position durable that lies behind it: up to there it is not sent
 * again. */
#define SLUICE_COMMIT "sluice.commit/1"

struct sluice_commit { /* all [any], all idempotent; delivery as in sluice_stream, unit as in sluice_batch */
  uint32_t struct_size, flags;
  /* The `end` of the last batch of this unit that is durable: OK, or END if there is none. Asked before a unit is
   * started or resumed; the answer wins over the ledger. */
  int (*committed)(void *self, const char *delivery, const char *unit, struct sluice_position *out,
                   struct sluice_error *err);
  int (*forget)(void *self, const char *delivery, const char *unit, struct sluice_error *err); /* the ledger has it */
  /* Full refresh; optional. What was written under a generation appears at its commit as a whole, or never. */
  int (*begin)(void *self, const char *delivery, int64_t generation, struct sluice_error *err);
  int (*commit)(void *self, const char *delivery, int64_t generation, struct sluice_error *err);
  int (*abort)(void *self, const char *delivery, int64_t generation, struct sluice_error *err);
  int (*current)(void *self, const char *delivery, int64_t *generation, struct sluice_error *err); /* 0: none yet */
};

#ifdef __cplusplus
}
#endif
#endif
