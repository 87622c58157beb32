/* Inputs in memory. */
#include "input.h"
#include <stdlib.h>
#include <zlib.h>

enum { ALIGN = 64 };

static int fail_here(struct test_input *b, struct sluice_error *err) {
  if (++b->reads != b->fail_read)
    return SLUICE_OK;
  return sluice_fail(err, b->fail_code, "", "this read was made to fail");
}

static size_t reach(const struct test_input *b, int64_t offset, size_t n) {
  size_t left = (uint64_t)offset < b->size ? b->size - (size_t)offset : 0;
  return n < left ? n : left;
}

static int read_at(struct sluice_input *in, int64_t offset, void *buffer, size_t n, size_t *got,
                   struct sluice_error *err) {
  struct test_input *b = in->private_data;
  int rc = fail_here(b, err);
  if (rc)
    return rc;
  *got = reach(b, offset, n);
  b->read_bytes += (int64_t)*got;
  if (*got)
    memcpy(buffer, b->data + offset, *got);
  return SLUICE_OK;
}

static void end_view(struct sluice_bytes *view) {
  struct test_input *b = view->private_data;
  b->views_open--;
  view->release = NULL;
}

static int view_at(struct sluice_input *in, int64_t offset, size_t n, struct sluice_bytes *out,
                   struct sluice_error *err) {
  struct test_input *b = in->private_data;
  int rc = fail_here(b, err);
  if (rc)
    return rc;
  b->views_open++;
  *out = (struct sluice_bytes){b->data + offset, reach(b, offset, n), end_view, b};
  b->read_bytes += (int64_t)out->size;
  return SLUICE_OK;
}

static void will_need(struct sluice_input *in, const struct sluice_range *ranges, size_t n) {
  struct test_input *b = in->private_data;
  for (size_t i = 0; i < n; i++)
    b->announced += ranges[i].size;
}

static void release(struct sluice_input *in) {
  struct test_input *b = in->private_data;
  b->opened--;
  in->release = NULL;
}

void test_input_open(struct test_input *b, struct sluice_input *out) {
  b->opened++;
  *out = (struct sluice_input){.size = b->unknown_size ? -1 : (int64_t)b->size,
                               .window = 1 << 20,
                               .read_at = read_at,
                               .view_at = b->views ? view_at : NULL,
                               .will_need = will_need,
                               .release = release,
                               .private_data = b};
}

uint8_t *test_file_read(const char *path, size_t *size) {
  gzFile file = gzopen(path, "rb"); /* reads what is not compressed as it is */
  size_t room = 1 << 16, n = 0;
  uint8_t *data = file ? aligned_alloc(ALIGN, room) : NULL;
  int got = 0;
  while (data) {
    got = gzread(file, data + n, (unsigned)(room - n));
    if (got <= 0)
      break;
    n += (size_t)got;
    if (n < room)
      continue;
    uint8_t *grown = aligned_alloc(ALIGN, room * 2);
    if (grown)
      memcpy(grown, data, n);
    free(data);
    data = grown;
    room *= 2;
  }
  if (file)
    gzclose(file);
  if (got < 0) {
    free(data);
    return NULL;
  }
  *size = n;
  return data;
}
