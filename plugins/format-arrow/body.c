/* Bodies of messages. */
#include "body.h"
#include <stdlib.h>

enum { ALIGN = 64, MAX_RANGES = 1024 };
static const int64_t gap_max = 256 * 1024; /* reading over it is cheaper than asking twice */

void arrow_body_finish(struct arrow_body *body) {
  free(body->stretches);
  *body = (struct arrow_body){0};
}

static int by_start(const void *a, const void *b) {
  int64_t x = ((const struct arrow_stretch *)a)->start, y = ((const struct arrow_stretch *)b)->start;
  return (x > y) - (x < y);
}

/* Starts stay aligned as they are in the body. */
static size_t merge(struct arrow_stretch *s, size_t count) {
  size_t n = 0;
  qsort(s, count, sizeof *s, by_start);
  for (size_t i = 0; i < count; i++) {
    struct arrow_stretch next = {s[i].start / ALIGN * ALIGN, s[i].end, NULL};
    if (n && next.start - s[n - 1].end <= gap_max)
      s[n - 1].end = s[n - 1].end > next.end ? s[n - 1].end : next.end;
    else
      s[n++] = next;
  }
  return n;
}

/* Tells a slow source what will be read, if it is not all that follows. */
static void announce(const struct arrow_source *source, const struct arrow_message *m, const struct arrow_stretch *s,
                     size_t count) {
  struct sluice_input *in = source->input;
  struct sluice_range ranges[MAX_RANGES];
  if (!in->will_need || in->size < 0 || count > MAX_RANGES || (count == 1 && s->end - s->start >= m->body_size))
    return;
  for (size_t i = 0; i < count; i++)
    ranges[i] = (struct sluice_range){m->body + s[i].start, s[i].end - s[i].start};
  in->will_need(in, ranges, count);
}

static int read_one(const struct arrow_source *source, const struct arrow_message *m, struct arrow_stretch *s,
                    struct arrow_hold *hold, struct sluice_error *err) {
  struct sluice_bytes bytes = {0};
  int rc = arrow_bytes_read(source, m->body + s->start, s->end - s->start, &bytes, err);
  s->data = bytes.data;
  if (rc == SLUICE_OK && arrow_hold_take(hold, &bytes) != SLUICE_OK) {
    arrow_bytes_release(&bytes);
    rc = sluice_fail(err, SLUICE_ERR_MEMORY, source->part, "no memory for a record batch");
  }
  return rc;
}

int arrow_body_read(const struct arrow_source *source, const struct arrow_message *m, struct arrow_stretch *wanted,
                    size_t count, struct arrow_hold *hold, struct arrow_body *out, struct sluice_error *err) {
  size_t n = count ? merge(wanted, count) : 0;
  struct arrow_body body = {malloc((n + 1) * sizeof *body.stretches), n};
  int rc = SLUICE_OK;
  if (!body.stretches)
    return sluice_fail(err, SLUICE_ERR_MEMORY, source->part, "no memory for a record batch");
  if (n)
    memcpy(body.stretches, wanted, n * sizeof *wanted);
  announce(source, m, body.stretches, n);
  for (size_t i = 0; rc == SLUICE_OK && i < n; i++)
    rc = read_one(source, m, &body.stretches[i], hold, err);
  if (rc)
    arrow_body_finish(&body);
  else
    *out = body;
  return rc;
}

const uint8_t *arrow_body_at(const struct arrow_body *body, int64_t offset, int64_t n) {
  size_t low = 0, high = body->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (body->stretches[middle].end > offset)
      high = middle;
    else
      low = middle + 1;
  }
  const struct arrow_stretch *s = low < body->count ? &body->stretches[low] : NULL;
  return s && s->start <= offset && n <= s->end - offset ? s->data + (offset - s->start) : NULL;
}
