/* Small pieces of a file that lie near each other. */
#include "nearby.h"
#include <stdlib.h>

static int make_room(struct pq_nearby *b, size_t n, struct sluice_error *err) {
  b->size = 0;
  if (b->capacity >= n)
    return SLUICE_OK;
  free(b->data);
  b->capacity = 0;
  b->data = malloc(n + PQ_PADDING);
  if (!b->data)
    return sluice_fail(err, SLUICE_ERR_MEMORY, b->part, "no memory for the index of its pages");
  b->capacity = n;
  return SLUICE_OK;
}

static int fill(struct pq_nearby *b, int64_t at, size_t n, struct sluice_error *err) {
  size_t got = 0;
  int code = make_room(b, n, err);
  if (!code)
    code = b->input->read_at(b->input, at, b->data, n, &got, err);
  if (code)
    return code;
  b->at = at;
  b->size = got;
  b->bytes += (int64_t)got;
  memset(b->data + got, 0, PQ_PADDING);
  return SLUICE_OK;
}

int pq_nearby_read(struct pq_nearby *b, int64_t at, int64_t size, int64_t more, struct pq_slice *out,
                   struct sluice_error *err) {
  *out = (struct pq_slice){NULL, 0};
  if (at <= 0 || size <= 0 || size > PQ_NEARBY_MAX || at > b->end || size > b->end - at)
    return SLUICE_OK;
  bool there = b->size && at >= b->at && at - b->at <= (int64_t)b->size && size <= (int64_t)b->size - (at - b->at);
  int64_t n = more > b->end - at - size ? b->end - at : size + more;
  int code = there ? SLUICE_OK : fill(b, at, (size_t)n, err);
  if (!code && (size_t)(at - b->at) + (size_t)size <= b->size)
    *out = (struct pq_slice){b->data + (at - b->at), (size_t)size};
  return code;
}

void pq_nearby_finish(struct pq_nearby *b) {
  free(b->data);
  b->data = NULL;
  b->size = b->capacity = 0;
}
