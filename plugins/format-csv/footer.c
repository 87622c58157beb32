/* An input that gives all of another one but its last lines: it keeps back as many lines as the footer has. */
#include "footer.h"
#include <stdlib.h>

struct csv_footer {
  struct sluice_input input;
  struct csv_window below;
  int64_t scanned; /* up to here lines were looked for */
  bool in_line;    /* a line that is not blank has begun and not ended */
  int64_t *starts; /* a ring: where the last lines begin that are not blank */
  size_t lines, found;
};

static void scan(struct csv_footer *f) {
  const uint8_t *bytes = csv_window_bytes(&f->below);
  int64_t start = f->below.offset, end = start + (int64_t)csv_window_size(&f->below);
  for (; f->scanned < end; f->scanned++) {
    uint8_t c = bytes[f->scanned - start];
    bool ends = c == '\n' || c == '\r';
    if (!ends && !f->in_line)
      f->starts[f->found++ % f->lines] = f->scanned;
    f->in_line = !ends;
  }
}

/* What is before the last lines is surely none of them. */
static int64_t safe(const struct csv_footer *f) {
  return f->found < f->lines ? 0 : f->starts[f->found % f->lines];
}

static int read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                   struct sluice_error *err) {
  struct csv_footer *f = in->private_data;
  if (offset != f->below.offset)
    return sluice_fail(err, SLUICE_ERR_BUG, "", "text was read at byte %lld, and goes on at %lld", (long long)offset,
                       (long long)f->below.offset);
  scan(f);
  while (safe(f) < offset + (int64_t)n && !f->below.ended) {
    int rc = csv_window_more(&f->below, err);
    if (rc)
      return rc;
    scan(f);
  }
  int64_t left = safe(f) - offset;
  *got = left <= 0 ? 0 : left < (int64_t)n ? (size_t)left : n;
  memcpy(buf, csv_window_bytes(&f->below), *got);
  csv_window_skip(&f->below, *got);
  return SLUICE_OK;
}

int csv_footer_create(struct csv_window *below, int64_t lines, struct csv_footer **out, struct sluice_error *err) {
  struct csv_footer *f = calloc(1, sizeof *f);
  int64_t *starts = malloc((size_t)lines * sizeof *starts);
  if (!f || !starts) {
    free(f);
    free(starts);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "skip_footer", "no memory for the footer");
  }
  *f = (struct csv_footer){.below = *below, .scanned = below->offset, .starts = starts, .lines = (size_t)lines};
  *below = (struct csv_window){0};
  f->input = (struct sluice_input){.size = -1, .read_at = read_at, .private_data = f};
  *out = f;
  return SLUICE_OK;
}

void csv_footer_destroy(struct csv_footer *f) {
  if (!f)
    return;
  csv_window_finish(&f->below);
  free(f->starts);
  free(f);
}

struct sluice_input *csv_footer_input(struct csv_footer *f) {
  return &f->input;
}
