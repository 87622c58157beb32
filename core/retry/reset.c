/* Parts to be delivered once more: what was rejected of them will be found again, so it is forgotten. What was rejected
 * of parts that are gone is forgotten too. */
#include "core/retry/reset.h"
#include "core/base/text.h"
#include "core/ledger/history.h"
#include "core/ledger/rejects.h"
#include "core/ledger/streams.h"
#include <fnmatch.h>
#include <jansson.h>
#include <stdlib.h>

enum { STEP = 4096, FORGOTTEN_MAX = 16 << 20 };

struct forgetting {
  struct ledger *ledger;
  int64_t delivery;
  struct text name; /* of the delivery, as the lines have it */
  const char *match;
  struct text part; /* of the line before */
  bool again;       /* and whether it is to be read again, or is gone */
  struct ledger_line *lines;
  size_t n, room;
};

static int keep(struct forgetting *f, const struct ledger_line *line) {
  if (f->n == f->room) {
    size_t room = f->room ? f->room * 2 : STEP;
    struct ledger_line *grown = room <= FORGOTTEN_MAX ? realloc(f->lines, room * sizeof *grown) : NULL;
    if (!grown)
      return SLUICE_ERR_MEMORY;
    f->lines = grown;
    f->room = room;
  }
  f->lines[f->n++] = *line;
  return SLUICE_OK;
}

static int look_up(struct forgetting *f, const char *part, struct sluice_error *err) {
  struct ledger_retry_part known;
  text_clear(&f->part);
  int code = text_add(&f->part, part);
  if (!code)
    code = ledger_retry_part(f->ledger, f->delivery, part, &known, err);
  f->again = code == SLUICE_OK && (known.state == PART_PENDING || known.state == PART_GONE);
  return code == SLUICE_END ? SLUICE_OK : code;
}

static int take(struct forgetting *f, const json_t *line, const struct ledger_line *place, struct sluice_error *err) {
  const char *delivery = json_string_value(json_object_get(line, "delivery"));
  const char *part = json_string_value(json_object_get(line, "part"));
  int code = SLUICE_OK;
  if (!delivery || !part || strcmp(delivery, text_get(&f->name)) != 0)
    return SLUICE_OK;
  if (f->match && strcmp(f->match, part) != 0 && fnmatch(f->match, part, FNM_NOESCAPE) != 0)
    return SLUICE_OK;
  if (strcmp(part, text_get(&f->part)) != 0)
    code = look_up(f, part, err);
  return code || !f->again ? code : keep(f, place);
}

static int on_line(void *context, const char *text, size_t n, const struct ledger_line *place,
                   struct sluice_error *err) {
  json_t *line = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
  int code = line ? take(context, line, place, err) : SLUICE_OK;
  json_decref(line);
  return sluice_fail(err, code, "rejects", "no memory for the rejected records");
}

static int forget(struct forgetting *f, const char *dir, const char *job, struct sluice_error *err) {
  char name[400];
  text_clear(&f->name);
  text_clear(&f->part);
  int code = ledger_delivery_text(f->ledger, f->delivery, name, sizeof name, err);
  if (!code)
    code = text_add(&f->name, name);
  return code ? code : ledger_read_rejects(dir, job, on_line, f, err);
}

/* The parts of one stream; the lines to be dropped are gathered. */
static int reset_stream(struct forgetting *f, const char *dir, const char *job, const struct ledger_stream *stream,
                        int64_t *count, struct sluice_error *err) {
  int64_t some = 0;
  f->delivery = stream->delivery;
  int code = ledger_reset_parts(f->ledger, f->delivery, f->match, &some, err);
  *count += some;
  return code ? code : forget(f, dir, job, err);
}

static int drop_lines(struct forgetting *f, struct sluice_error *err) {
  int code = SLUICE_OK;
  for (size_t i = 0; i < f->n && !code; i += STEP)
    code = ledger_drop_rejects(f->ledger, f->lines + i, f->n - i < STEP ? f->n - i : STEP, err);
  return code;
}

int reset_parts(const char *dir, const char *job, const char *sink, const char *match, struct reset_counts *out,
                struct sluice_error *err) {
  struct forgetting f = {.match = match};
  struct ledger_stream *known = NULL;
  size_t n = 0;
  int code = ledger_open(dir, job, &f.ledger, err);
  if (!code)
    code = ledger_streams(f.ledger, sink, SIZE_MAX, &known, &n, err);
  *out = (struct reset_counts){.parts = 0};
  for (size_t i = 0; i < n && !code; i++)
    code = reset_stream(&f, dir, job, &known[i], &out->parts, err);
  free(known);
  if (!code)
    code = drop_lines(&f, err);
  if (!code)
    out->rejects = (int64_t)f.n;
  ledger_close(f.ledger);
  if (f.n && !code) { /* opening it leaves the lines out of the file */
    f.ledger = NULL;
    if (ledger_open(dir, job, &f.ledger, NULL) == SLUICE_OK)
      ledger_close(f.ledger);
  }
  text_finish(&f.name);
  text_finish(&f.part);
  free(f.lines);
  return sluice_fail(err, code, job, "no memory");
}
