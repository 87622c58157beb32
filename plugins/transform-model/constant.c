/* Constant columns without work for each batch. */
#include "constant.h"

enum { LEAST_ROWS = 1024 };

void constant_init(struct constant *constant, const char *text) {
  *constant = (struct constant){.text = text};
  pthread_mutex_init(&constant->lock, NULL);
}

void constant_finish(struct constant *constant) {
  sluice_array_release(&constant->made);
  pthread_mutex_destroy(&constant->lock);
}

static void fill(int32_t *offsets, char *data, const char *text, size_t size, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    offsets[i] = (int32_t)((size_t)i * size);
    memcpy(data + (size_t)i * size, text, size);
  }
  offsets[n] = (int32_t)((size_t)n * size);
}

static int make(const char *text, int64_t n, struct ArrowArray *out) {
  struct sluice_buffer buffers[3] = {{0}};
  size_t size = strlen(text);
  if (n > (INT32_MAX - 64) / (int64_t)(size ? size : 1))
    return SLUICE_ERR_MEMORY;
  size_t bytes = (size_t)n * size, index = ((size_t)n + 1) * sizeof(int32_t);
  int code = sluice_buffer_reserve(&buffers[1], index);
  if (!code)
    code = sluice_buffer_reserve(&buffers[2], bytes + 1);
  if (!code) {
    fill((int32_t *)(void *)buffers[1].data, (char *)buffers[2].data, text, size, n);
    buffers[1].size = index;
    buffers[2].size = bytes;
    code = sluice_array_adopt(out, n, 0, buffers, 3, NULL, 0, NULL);
  }
  for (int i = 0; i < 3 && code; i++)
    sluice_buffer_free(&buffers[i]);
  return code;
}

/* Makes it longer. The lock is held. */
static int grow(struct constant *constant, int64_t n) {
  struct ArrowArray longer = {0};
  int code = make(constant->text, n < LEAST_ROWS ? LEAST_ROWS : n, &longer);
  if (!code)
    code = sluice_array_share(&longer);
  if (code) {
    sluice_array_release(&longer);
    return code;
  }
  sluice_array_release(&constant->made);
  constant->made = longer;
  return SLUICE_OK;
}

int constant_slice(struct constant *constant, int64_t n, struct ArrowArray *out) {
  pthread_mutex_lock(&constant->lock);
  int code = constant->made.release && constant->made.length >= n ? SLUICE_OK : grow(constant, n);
  if (!code)
    code = sluice_array_slice(&constant->made, 0, n, out);
  pthread_mutex_unlock(&constant->lock);
  return code;
}
