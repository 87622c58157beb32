/* clang-format off */
/* Sluice plugin contract, version 1.1. The whole border between the host and a plugin. SPDX-License-Identifier: Apache-2.0
 *
 * A plugin is a shared object that exports one symbol, `sluice_plugin_v1`, and carries an ELF note (sdk.h writes both).
 * Growth: a struct is *frozen* (said so) or starts with `struct_size`, set to sizeof by whoever fills it, and is only
 * appended to. Read a field that is later than 1.0, or an optional slot, only after SLUICE_HAS(ptr, member).
 * Threads: [instance] never two calls at once on one object, which may move between threads; [any] from any thread at once.
 * Calls return SLUICE_OK, SLUICE_END where said, or a code below; the code decides what the host does, the text is for
 * people. Every call that takes `err` may return any code. On an error outputs are untouched. Any call returns within one
 * second of cancel. Texts are NUL-ended UTF-8 and borrowed for the call unless the table says more.
 *
 * Ownership                       who owns it            until
 *   config, host                  host                   close returns
 *   part texts (next_part)        source                 the next list, next_part or close
 *   part texts (open_part)        the opened input       its release
 *   input                         caller of open_part    release; decode and read_part's reader take it over on OK
 *   view (view_at)                caller                 its release, which is [any]; it may outlive the input
 *   reader, writer                caller                 release, before close of its instance
 *   schema, batch.array (out)     caller                 Arrow release, which is [any]; legal after every close
 *   batch (write)                 the writer, on OK      untouched otherwise: the caller still owns the array
 *   batch (apply)                 the transform, on OK   untouched otherwise
 *   scan, stream, rejects, want   host                   scan, want, where: the call; rejects and stream: release of the reader or writer
 */
#ifndef SLUICE_PLUGIN_H
#define SLUICE_PLUGIN_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#define SLUICE_ABI_MAJOR 1
#define SLUICE_ABI_MINOR 1
/* True if this struct is large enough to have the member and the member is not zero. */
#define SLUICE_HAS(p, member) \
  ((size_t)((const char *)(&(p)->member + 1) - (const char *)(p)) <= (p)->struct_size && (p)->member)

/* Arrow C Data Interface, as its specification has it. Frozen. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4
struct ArrowSchema {
  const char *format, *name, *metadata;
  int64_t flags, n_children;
  struct ArrowSchema **children, *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};
struct ArrowArray {
  int64_t length, null_count, offset, n_buffers, n_children;
  const void **buffers;
  struct ArrowArray **children, *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};
#endif

enum sluice_status {
  SLUICE_OK = 0,
  SLUICE_END = 1,
  SLUICE_ERR_CONFIG = -1,    /* the user must edit the configuration; err->where is the option */
  SLUICE_ERR_AUTH = -2,      /* refused: hold the job */
  SLUICE_ERR_NOT_FOUND = -3, /* this part is gone: counted, not retried */
  SLUICE_ERR_CHANGED = -4,   /* this part is no longer the version listed: by policy */
  SLUICE_ERR_DATA = -5,      /* the rest of this unit cannot be read; single records go through rejects */
  SLUICE_ERR_RETRY = -6,     /* nothing changed; the plugin's own attempts are spent; again after err->retry_ms */
  SLUICE_ERR_CANCELLED = -7,
  SLUICE_ERR_UNSUPPORTED = -8,
  SLUICE_ERR_MEMORY = -9,
  SLUICE_ERR_BUG = -10
};

struct sluice_error { /* frozen; caller-owned; the first error wins */
  int64_t row, offset, retry_ms; /* row and offset: -1 unknown */
  int32_t detail;                /* the plugin's own number, such as an HTTP status */
  uint32_t reserved[3];
  char where[224]; /* option, part, URL or file */
  char message[768];
};
struct sluice_position { int64_t row, offset, detail[2]; }; /* frozen; private to the reader; all zero is the start (as an `end`: no bound) */
struct sluice_bytes { /* frozen; release may be NULL: then the bytes are borrowed */
  const uint8_t *data; size_t size;
  void (*release)(struct sluice_bytes *); void *private_data;
};
struct sluice_range { int64_t offset, size; }; /* frozen */

/* ---- options: a table from which the host parses, checks, defaults, masks and documents --------------------------- */

enum sluice_option_kind {    /* the type of the field at `offset`          written in a configuration as */
  SLUICE_OPTION_TEXT = 1,    /* const char *; NULL when absent             "text" */
  SLUICE_OPTION_INT,         /* int64_t                                    12 */
  SLUICE_OPTION_DOUBLE,      /* double                                     0.5 */
  SLUICE_OPTION_BOOL,        /* int32_t, 0 or 1                            true */
  SLUICE_OPTION_SIZE,        /* int64_t, bytes                             "8MiB", "10kB", 512 */
  SLUICE_OPTION_DURATION,    /* int64_t, milliseconds                      "500ms", "10s", "5m", "2h", "1d" */
  SLUICE_OPTION_CHOICE,      /* int32_t, index into `choices`              "one of them" */
  SLUICE_OPTION_SECRET,      /* struct sluice_secret                       "${NAME}" */
  SLUICE_OPTION_LIST,        /* struct sluice_list of texts                [ "a", "b" ] */
  SLUICE_OPTION_MAP,         /* struct sluice_map of texts, file order     { name = "value"; } */
  SLUICE_OPTION_GROUP,       /* const T *; NULL when absent                { ... } */
  SLUICE_OPTION_GROUPS       /* struct sluice_groups of T                  ( { ... }, { ... } ) */
};
enum { SLUICE_OPTION_REQUIRED = 1, SLUICE_OPTION_SENSITIVE = 2 /* masked everywhere */, SLUICE_OPTION_TUNING = 4 /* says nothing of what, or where */ };
struct sluice_secret { uint64_t handle; }; /* frozen; 0: absent; read when needed by host->secret, so that it can rotate */
struct sluice_list { const char *const *items; size_t count; };            /* frozen */
struct sluice_pair { const char *name, *value; };                          /* frozen */
struct sluice_map { const struct sluice_pair *items; size_t count; };      /* frozen */
struct sluice_groups { const void *items; size_t count, stride; };         /* frozen; item i: (const char *)items + i * stride */
struct sluice_option {
  const char *name;
  uint32_t kind, flags;
  size_t offset;              /* of the field in the config struct */
  const char *default_text;   /* as in a configuration, without quotes; NULL: none */
  int64_t min, max;           /* of INT, DOUBLE, SIZE, DURATION; both 0: no limits */
  const char *const *choices; /* CHOICE: ended by NULL */
  const struct sluice_options *group; /* GROUP, GROUPS: the options of T */
  const char *help;           /* one sentence */
};
struct sluice_options {
  uint32_t struct_size, count;
  size_t stride, target_size; const struct sluice_option *items; /* sizeof(struct sluice_option) and of the config struct, as the plugin was compiled */
};

/* ---- what the host gives ------------------------------------------------------------------------------------------- */

enum sluice_level { SLUICE_DEBUG, SLUICE_INFO, SLUICE_WARN, SLUICE_ERROR };
struct sluice_host { /* all [any]; no required slot is ever NULL */
  uint32_t struct_size, abi_minor;
  void *context;
  const char *job, *sink, *run; /* names, for messages and user agents; "" where there is none */
  void (*log)(const struct sluice_host *, int level, const char *message); /* one line; secrets are masked by the host */
  int (*cancelled)(const struct sluice_host *);                            /* 1 once this instance shall stop */
  int (*cancel_fd)(const struct sluice_host *);                            /* poll(2) it for POLLIN; never read or close it */
  /* Writes the secret and a NUL to buf. SLUICE_ERR_CONFIG: absent, unreadable, or longer than size - 1. Wipe buf after use. */
  int (*secret)(const struct sluice_host *, struct sluice_secret, char *buf, size_t size, struct sluice_error *err);
  const void *(*service)(const struct sluice_host *, const char *id); /* services.h; NULL: unknown */
};

struct sluice_reject { /* one record that cannot go on; the host copies it */
  uint32_t struct_size, attempts;
  int64_t seq;    /* of the batch; a reader leaves it 0 */
  int64_t row;    /* a reader: ordinal, as first_row counts; others: index in the batch */
  int64_t offset; /* byte of the input, decompressed; -1 unknown */
  const char *column, *reason; /* column may be NULL */
  const void *raw; size_t raw_size; /* the source record as it stands; NULL: the host finds it */
};
struct sluice_rejects { /* frozen; [instance] with the reader, writer or call that got it */
  /* OK: skip this record and go on. Anything else: return that code, it is the policy's answer. */
  int (*add)(struct sluice_rejects *, const struct sluice_reject *, struct sluice_error *err);
  void *private_data;
};

/* ---- data ----------------------------------------------------------------------------------------------------------- */

struct sluice_part { /* zeroed by whoever reads it; an object of a source */
  uint32_t struct_size, flags;
  const char *name;    /* unique in the source, such as a URI; at most 4,096 bytes */
  const char *version; /* changes with the content: an ETag, version id, or size and time; at most 1,024 bytes */
  int64_t size;        /* bytes; -1 unknown */
  int64_t modified;    /* microseconds since 1970 UTC; INT64_MIN unknown */
  const char *skip;    /* not NULL: not to be read, counted under this reason, a constant such as "folder marker" */
};
struct sluice_input { /* bytes of a part; frozen; [instance] */
  int64_t size;   /* -1 unknown: then read forward only, though the first 1 MiB may be read again until more than that was read */
  int64_t window; /* bytes that will_need may have outstanding */
  int (*read_at)(struct sluice_input *, int64_t offset, void *buf, size_t n, size_t *got, struct sluice_error *err); /* short only at the end */
  int (*view_at)(struct sluice_input *, int64_t offset, size_t n, struct sluice_bytes *out, struct sluice_error *err); /* without a copy; may be NULL */
  void (*will_need)(struct sluice_input *, const struct sluice_range *, size_t count); /* a rolling list, each read once, in order; may be NULL */
  void (*release)(struct sluice_input *);
  void *private_data;
};
enum sluice_op { SLUICE_OP_INSERT, SLUICE_OP_UPDATE, SLUICE_OP_DELETE };
struct sluice_batch { /* the caller zeroes it and sets struct_size; origin, ops and unit live as long as `array` */
  uint32_t struct_size, reserved;
  int64_t seq;                /* set by the host, rising per writer */
  int64_t first_row;          /* ordinal in the unit; rows are counted before rejects, filters and pruning */
  struct sluice_position end; /* where a scan would go on with exactly the next batches */
  const int64_t *origin;      /* ordinal of each record; NULL: first_row + i */
  const uint8_t *ops;         /* enum sluice_op of each record; NULL: all inserts */
  struct ArrowArray array;    /* a struct array, a child a column */
  const char *unit;           /* set by the host: hash of delivery, unit, versions and all that cuts its batches */
};
struct sluice_reader { /* batches of one schema; frozen; [instance]; its release releases its input */
  int (*schema)(struct sluice_reader *, struct ArrowSchema *out, struct sluice_error *err);
  int (*next)(struct sluice_reader *, struct sluice_batch *out, struct sluice_error *err); /* END after the last; 0 rows: nothing yet */
  void (*release)(struct sluice_reader *);
  void *private_data;
};
enum { SLUICE_ACCEPT_DICTIONARY = 1, SLUICE_ACCEPT_VIEW = 2, SLUICE_ACCEPT_LIST_VIEW = 4, SLUICE_ACCEPT_RUN_END = 8,
       SLUICE_ACCEPT_UNION = 16, SLUICE_ACCEPT_SMALL_DECIMAL = 32, SLUICE_ACCEPT_LARGE = 64 /* 64-bit offsets */ };
enum sluice_compare { SLUICE_EQUAL = 1, SLUICE_NOT_EQUAL, SLUICE_LESS, SLUICE_LESS_EQUAL, SLUICE_GREATER, SLUICE_GREATER_EQUAL,
                      SLUICE_IS_NULL, SLUICE_IS_NOT_NULL };
struct sluice_test { /* frozen; column compare literal, as in SQL: with a null only IS_NULL is true */
  struct sluice_list column; /* its name in the part; of a column in a struct: the names on the way to it */
  const char *literal;       /* read as a value of the column's type; NULL: tests of null */
  int32_t compare; uint32_t reserved; /* enum sluice_compare */
};
struct sluice_where { const struct sluice_test *tests; size_t count; }; /* frozen; true where every test is */
enum { SLUICE_SCAN_EXTRA = 1 /* columns and fields that `want` does not name are delivered too, behind those it names */ };
struct sluice_scan { /* borrowed for the call, but rejects lives as long as the reader */
  uint32_t struct_size, flags;
  struct sluice_position begin, end, from; /* the split, and where to resume in it (all zero: at begin) */
  int64_t batch_rows, batch_bytes;         /* a batch ends at a multiple of batch_rows, or before the row that would pass batch_bytes */
  int64_t max_wait_ms;                     /* 0: none; else return 0 rows rather than wait longer */
  const struct ArrowSchema *want;          /* fields by name, with types; format "" is a type as found; NULL: all, as found */
  struct sluice_rejects *rejects;          /* NULL: a bad record is SLUICE_ERR_DATA */
  const char *part;                        /* name of the part, for messages and hints */
  uint64_t accepts;                        /* since 1.1, as all that follows; SLUICE_ACCEPT_*: what a column as found may come as; 0: as before 1.1 */
  const struct sluice_where *where;        /* a hint: records for which it is surely not true may be left out; NULL: none */
};
struct sluice_split { struct sluice_position begin, end; int64_t rows, bytes; }; /* frozen; each begins where the one before ends, the last ends at zero; rows are numbered from begin.row, 0 where their ordinal in the part is unknown; rows, bytes: -1 unknown */
struct sluice_splits { int (*add)(struct sluice_splits *, const struct sluice_split *, struct sluice_error *err); void *private_data; }; /* frozen; [instance] */
struct sluice_stream {
  uint32_t struct_size, flags;
  const char *name, *delivery; /* the stream; job, sink and stream as one text: the first part of every identity */
  int64_t generation; struct sluice_rejects *rejects; /* generation 0: none */
};
struct sluice_writer { /* allocated by the plugin; [instance]; release, [instance], is legal at any time and abandons what is not flushed */
  uint32_t struct_size, reserved;
  int (*write)(struct sluice_writer *, struct sluice_batch *, struct sluice_error *err);
  int (*flush)(struct sluice_writer *, struct sluice_error *err); /* OK: all that was written is durable at the destination */
  int64_t (*acked)(struct sluice_writer *); /* optional: seq up to which all is durable, so that a checkpoint needs no flush */
  void (*release)(struct sluice_writer *);
  void *private_data;
}; /* after any error but RETRY from write or flush only release is legal; the host replays from the checkpoint */

/* ---- the four kinds: each starts as sluice_component; open and close [instance], others as tagged ------------------ */

enum sluice_kind { SLUICE_SOURCE = 1, SLUICE_FORMAT, SLUICE_TRANSFORM, SLUICE_SINK };

struct sluice_base {
  uint32_t struct_size, kind;
  const char *name, *version, *help;          /* "s3", "1.0.0", one sentence */
  const struct sluice_options *options;       /* NULL: none; then config is NULL */
  const char *const *names;                   /* ended by NULL; source: URI schemes; format: file suffixes such as ".csv" */
  const void *(*extension)(const char *id);   /* optional, [any]: services.h; its functions take the instance */
};
struct sluice_component { uint32_t struct_size, flags; const struct sluice_base *base; }; /* what every kind starts with */
typedef int sluice_open_fn(const struct sluice_host *, const void *config, void **self, struct sluice_error *err);
typedef void sluice_close_fn(void *self);

enum { SLUICE_SOURCE_ORDERED = 1 /* flags: next_part gives names in byte order */ };
struct sluice_source {
  uint32_t struct_size, flags;
  const struct sluice_base *base;
  sluice_open_fn *open;
  sluice_close_fn *close;
  int (*list)(void *self, const char *after, struct sluice_error *err); /* [instance] starts over, behind that name (NULL: all) */
  int (*next_part)(void *self, struct sluice_part *out, struct sluice_error *err); /* [instance] END after the last */
  /* [any] Opens the version that `part` names, or returns NOT_FOUND or CHANGED; `opened` says what it is. */
  int (*open_part)(void *self, const struct sluice_part *part, struct sluice_part *opened, struct sluice_input *out, struct sluice_error *err);
  int (*read_part)(void *self, const struct sluice_part *part, const struct sluice_scan *, struct sluice_reader *out, struct sluice_error *err); /* optional, [any]: records, no format */
  int (*settle)(void *self, const struct sluice_part *part, int status, struct sluice_error *err); /* optional, [any]: the part is done or failed */
};
struct sluice_format {
  uint32_t struct_size, flags;
  const struct sluice_base *base;
  sluice_open_fn *open;
  sluice_close_fn *close;
  int (*probe)(const void *head, size_t size, const char *name); /* [any] 0 no, 1..49 by name, 50..99 by content, 100 magic number */
  int (*plan)(void *self, struct sluice_input *, const struct sluice_scan *, int64_t split_bytes, struct sluice_splits *, struct sluice_error *err); /* optional, [any] */
  int (*decode)(void *self, struct sluice_input *, const struct sluice_scan *, struct sluice_reader *out, struct sluice_error *err);               /* [any] */
};
struct sluice_transform {
  uint32_t struct_size, flags;
  const struct sluice_base *base;
  sluice_open_fn *open;
  sluice_close_fn *close;
  int (*bind)(void *self, const struct ArrowSchema *in, struct ArrowSchema *out, void **bound, struct sluice_error *err); /* [any] once a schema */
  void (*unbind)(void *self, void *bound);                                                                               /* [any] */
  int (*apply)(void *self, void *bound, struct sluice_batch *in, struct sluice_rejects *, struct sluice_batch *out, struct sluice_error *err); /* [any] */
};
struct sluice_sink {
  uint32_t struct_size, flags;
  const struct sluice_base *base;
  uint64_t accepts; /* 0: the host converts all of these to the plain types first */
  sluice_open_fn *open;
  sluice_close_fn *close;
  int (*writer)(void *self, const struct sluice_stream *, const struct ArrowSchema *, struct sluice_writer **out, struct sluice_error *err); /* [any] */
};

/* ---- entry ---------------------------------------------------------------------------------------------------------- */

struct sluice_plugin { /* the type of `sluice_plugin_v1` */
  uint32_t struct_size;
  uint16_t abi_major, abi_minor; /* of the header it was compiled with */
  uint32_t count, reserved;
  const struct sluice_component *const *components;
};
struct sluice_note { /* frozen; the ELF note "Sluice", type 1: what the host reads before it loads the file */
  uint32_t abi_major, abi_minor, pointer_size, kinds; /* kinds: 1 << enum sluice_kind, or'ed */
  uint32_t sizes[4];                                  /* of sluice_source, _format, _transform, _sink */
  char text[224];                                     /* a line a component: "sink http 1.0.0\n" */
};

#ifdef __cplusplus
}
#endif
#endif
