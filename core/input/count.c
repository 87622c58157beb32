/* An input that counts the bytes read through it, for progress: each byte once where it is read on, though heads are
 * read again. After a jump, as to a footer, it counts from there. */
#include "core/base/stage.h"
#include "core/input/input.h"
#include <stdbool.h>
#include <stdlib.h>

struct counted {
  struct sluice_input inner;
  atomic_llong *counter;
  int64_t begin, end; /* of the stretch that was counted last */
};

static void count(struct counted *counted, int64_t begin, size_t size) {
  int64_t end = begin + (int64_t)size, from = begin;
  bool goes_on = begin >= counted->begin && begin <= counted->end;
  if (goes_on && end <= counted->end)
    return;
  if (goes_on)
    from = counted->end;
  else
    counted->begin = begin;
  atomic_fetch_add_explicit(counted->counter, (long long)(end - from), memory_order_relaxed);
  counted->end = end;
}

static int count_read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                         struct sluice_error *err) {
  struct counted *counted = in->private_data;
  enum stage before = stage_enter(STAGE_READ);
  int rc = counted->inner.read_at(&counted->inner, offset, buf, n, got, err);
  stage_enter(before);
  if (rc == SLUICE_OK)
    count(counted, offset, *got);
  return rc;
}

static int count_view_at(struct sluice_input *in, int64_t offset, size_t n, struct sluice_bytes *out,
                         struct sluice_error *err) {
  struct counted *counted = in->private_data;
  enum stage before = stage_enter(STAGE_READ);
  int rc = counted->inner.view_at(&counted->inner, offset, n, out, err);
  stage_enter(before);
  if (rc == SLUICE_OK)
    count(counted, offset, out->size);
  return rc;
}

static void count_will_need(struct sluice_input *in, const struct sluice_range *ranges, size_t count) {
  struct counted *counted = in->private_data;
  counted->inner.will_need(&counted->inner, ranges, count);
}

static void count_release(struct sluice_input *in) {
  struct counted *counted = in->private_data;
  counted->inner.release(&counted->inner);
  free(counted);
  memset(in, 0, sizeof *in);
}

int input_count(struct sluice_input *in, atomic_llong *counter, struct sluice_input *out, struct sluice_error *err) {
  struct counted *counted = malloc(sizeof *counted);
  if (!counted)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for an input");
  *counted = (struct counted){*in, counter, 0, 0};
  *out = (struct sluice_input){in->size,
                               in->window,
                               count_read_at,
                               in->view_at ? count_view_at : NULL,
                               in->will_need ? count_will_need : NULL,
                               count_release,
                               counted};
  return SLUICE_OK;
}
