/* Stretches of the input. */
#include "bytes.h"
#include <stdlib.h>

enum { ALIGN = 64, FIRST_CHUNK = 4 << 20 };

static void release_block(struct sluice_bytes *bytes) {
  free(bytes->private_data);
  memset(bytes, 0, sizeof *bytes);
}

void arrow_bytes_release(struct sluice_bytes *bytes) {
  if (bytes->release)
    bytes->release(bytes);
  memset(bytes, 0, sizeof *bytes);
}

int arrow_bytes_create(size_t n, struct sluice_bytes *out, uint8_t **data) {
  if (n > PTRDIFF_MAX - 2 * ALIGN)
    return SLUICE_ERR_MEMORY;
  uint8_t *block = aligned_alloc(ALIGN, (n + ALIGN) / ALIGN * ALIGN); /* never of size 0 */
  if (!block)
    return SLUICE_ERR_MEMORY;
  *out = (struct sluice_bytes){block, n, release_block, block};
  *data = block;
  return SLUICE_OK;
}

static int no_memory(const struct arrow_source *s, int64_t n, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_MEMORY, s->part, "no memory for %lld bytes of the file", (long long)n);
}

static int cut_short(const struct arrow_source *s, int64_t offset, int64_t n, int64_t end, struct sluice_error *err) {
  sluice_fail(err, SLUICE_ERR_DATA, s->part,
              "it ends at byte %lld, and %lld bytes are needed from byte %lld on: it is cut short or damaged",
              (long long)end, (long long)n, (long long)offset);
  if (err)
    err->offset = offset;
  return SLUICE_ERR_DATA;
}

int arrow_bytes_peek(const struct arrow_source *s, int64_t offset, void *buffer, size_t n, size_t *got,
                     struct sluice_error *err) {
  int rc = s->input->read_at(s->input, offset, buffer, n, got, err);
  if (rc == SLUICE_OK && *got > n)
    return sluice_fail(err, SLUICE_ERR_BUG, s->part, "the input gave more bytes than it was asked for");
  return rc;
}

static int read_into(const struct arrow_source *s, int64_t offset, size_t n, uint8_t *data, struct sluice_error *err) {
  size_t got = 0;
  int rc = arrow_bytes_peek(s, offset, data, n, &got, err);
  return rc == SLUICE_OK && got < n ? cut_short(s, offset, (int64_t)n, offset + (int64_t)got, err) : rc;
}

static int read_known(const struct arrow_source *s, int64_t offset, size_t n, struct sluice_bytes *out,
                      struct sluice_error *err) {
  struct sluice_bytes bytes;
  uint8_t *data;
  if (arrow_bytes_create(n, &bytes, &data) != SLUICE_OK)
    return no_memory(s, (int64_t)n, err);
  int rc = read_into(s, offset, n, data, err);
  if (rc)
    arrow_bytes_release(&bytes);
  else
    *out = bytes;
  return rc;
}

/* Memory doubles as bytes come, for how many there are is not known. */
static int read_growing(const struct arrow_source *s, int64_t offset, size_t n, struct sluice_bytes *out,
                        struct sluice_error *err) {
  struct sluice_bytes bytes = {0};
  size_t have = 0;
  int rc = SLUICE_OK;
  while (rc == SLUICE_OK && have < n) {
    size_t next = have ? 2 * have : FIRST_CHUNK;
    struct sluice_bytes grown;
    uint8_t *data;
    next = next > n || next < have ? n : next;
    if (arrow_bytes_create(next, &grown, &data) != SLUICE_OK) {
      rc = no_memory(s, (int64_t)n, err);
      break;
    }
    if (have)
      memcpy(data, bytes.data, have);
    arrow_bytes_release(&bytes);
    bytes = grown;
    rc = read_into(s, offset + (int64_t)have, next - have, data + have, err);
    have = next;
  }
  if (rc)
    arrow_bytes_release(&bytes);
  else
    *out = bytes;
  return rc;
}

static int read_view(const struct arrow_source *s, int64_t offset, size_t n, struct sluice_bytes *out,
                     struct sluice_error *err) {
  struct sluice_bytes view = {0};
  int rc = s->input->view_at(s->input, offset, n, &view, err);
  if (rc)
    return rc;
  if (view.size >= n) {
    view.size = n;
    *out = view;
    return SLUICE_OK;
  }
  int64_t end = offset + (int64_t)view.size;
  arrow_bytes_release(&view);
  return cut_short(s, offset, (int64_t)n, end, err);
}

int arrow_bytes_read(const struct arrow_source *s, int64_t offset, int64_t n, struct sluice_bytes *out,
                     struct sluice_error *err) {
  int64_t size = s->input->size;
  if (offset < 0 || n < 0 || offset > INT64_MAX - n)
    return sluice_fail(err, SLUICE_ERR_DATA, s->part, "a part of it lies outside any file: it is damaged");
  if (size >= 0 && (offset > size || n > size - offset))
    return cut_short(s, offset, n, size, err);
  if (n == 0) {
    *out = (struct sluice_bytes){0};
    return SLUICE_OK;
  }
  if (s->input->view_at)
    return read_view(s, offset, (size_t)n, out, err);
  return size < 0 && n > FIRST_CHUNK ? read_growing(s, offset, (size_t)n, out, err)
                                     : read_known(s, offset, (size_t)n, out, err);
}
