/* What all parts of the JSON reader share: the options, the instance, and the limits. */
#ifndef JSON_JSON_H
#define JSON_JSON_H
#include <sluice/arrow.h>

enum json_layout { JSON_LAYOUT_AUTO, JSON_LAYOUT_LINES, JSON_LAYOUT_ARRAY, JSON_LAYOUT_SEQUENCE };
enum json_infer { JSON_INFER_SAMPLE, JSON_INFER_WHOLE };
enum json_fractions { JSON_FRACTIONS_DOUBLE, JSON_FRACTIONS_DECIMAL };
enum json_extra { JSON_EXTRA_IGNORE, JSON_EXTRA_REJECT };
enum json_duplicates { JSON_DUPLICATES_REJECT, JSON_DUPLICATES_LAST, JSON_DUPLICATES_FIRST };
enum json_bad_text { JSON_BAD_TEXT_REJECT, JSON_BAD_TEXT_REPLACE, JSON_BAD_TEXT_ERROR };

enum {
  JSON_CHUNK = 256 * 1024,  /* bytes of one read: small enough to stay in the second-level cache */
  JSON_PADDING = 64,        /* readable bytes behind what was read, so that whole blocks can be loaded */
  JSON_MAX_COLUMNS = 10000, /* nested ones included */
  JSON_MAX_NESTED = 60,     /* levels of columns; what lies deeper stays JSON */
  JSON_MAX_DEPTH = 1024,    /* levels of brackets in a record */
  JSON_RAW_MAX = 64 * 1024, /* bytes of a record that a reject carries */
  JSON_LEARNED_MAX = 1024,  /* names of an object that are no columns but known, so that they are passed over fast */
  JSON_LEARNED_NAME = 128,  /* bytes of such a name */
  JSON_HEAD = 1 << 20       /* how far the layout is looked for */
};

struct json_config { /* the target of the option table */
  int32_t layout, infer, fractions, extra, duplicates, bad_text, times, nan;
  const char *records;
  int64_t sample, max_record;
};

struct json_format { /* the instance */
  const struct sluice_host *host;
  const struct json_config *config;
};

int json_decode(void *self, struct sluice_input *in, const struct sluice_scan *scan, struct sluice_reader *out,
                struct sluice_error *err);
int json_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
              struct sluice_splits *out, struct sluice_error *err);
int json_probe(const void *head, size_t size, const char *name);
const void *json_extension(const char *id);

static inline bool json_is_space(uint8_t c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

#endif
