/* The structure pass over a record that may arrive in pieces, with the fastest instructions that there are. */
#include "scan.h"
#include "scan_loop.h"

const struct json_kernels *json_kernels_list(void) {
  static const struct json_kernels portable[] = {{"words", json_lines_words, json_values_words}, {0}};
#if defined(__x86_64__)
  static const struct json_kernels all[] = {{"avx512", json_lines_avx512, json_values_avx512},
                                            {"avx2", json_lines_avx2, json_values_avx2},
                                            {"sse2", json_lines_sse2, json_values_sse2},
                                            {"words", json_lines_words, json_values_words},
                                            {0}};
  bool carryless = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi");
  if (carryless && __builtin_cpu_supports("avx512bw"))
    return all;
  return carryless && __builtin_cpu_supports("avx2") ? all + 1 : all + 2;
#endif
  return portable;
}

void json_scan_init(struct json_scan *s) {
  *s = (struct json_scan){.kernels = json_kernels_list()};
  s->blocks.limit = (size_t)1 << 30;
}

void json_scan_finish(struct json_scan *s) {
  sluice_buffer_free(&s->blocks);
}

void json_scan_begin(struct json_scan *s) {
  s->carry = (struct json_carry){0};
  s->done = 0;
  if (s->blocks.capacity > (1 << 20)) { /* after a long record */
    size_t limit = s->blocks.limit;
    sluice_buffer_free(&s->blocks);
    s->blocks.limit = limit;
  }
}

/* Room for blocks of so many bytes, and the one behind them. */
static int reserve(struct json_scan *s, size_t size) {
  size_t need = (size / 64 + 2) * sizeof(struct json_block);
  s->blocks.size = (s->done / 64) * sizeof(struct json_block);
  return need <= s->blocks.capacity ? SLUICE_OK : sluice_buffer_reserve(&s->blocks, need - s->blocks.size);
}

static struct json_block *block_at(const struct json_scan *s, size_t offset) {
  return (struct json_block *)(void *)s->blocks.data + offset / 64;
}

static int end(const struct json_scan *s, size_t size, size_t *out) {
  struct json_block *guard = block_at(s, size + 63);
  *guard = (struct json_block){.quotes = ~0ull, .marks = ~0ull};
  *out = size;
  return SLUICE_OK;
}

/* The bytes behind the last whole block, with blanks behind them. They count only if the record ends there. */
static int scan_rest(struct json_scan *s, json_kernel *kernel, const uint8_t *data, size_t size, bool final,
                     size_t *out) {
  uint8_t rest[64];
  size_t n = size - s->done;
  struct json_carry before = s->carry;
  memset(rest, ' ', sizeof rest);
  memcpy(rest, data + s->done, n);
  size_t used = kernel(&s->carry, rest, 1, block_at(s, s->done));
  if (s->carry.found)
    return end(s, s->done + used, out);
  if (!final) {
    s->carry = before;
    return SLUICE_END;
  }
  s->carry.open = s->carry.in_string != 0;
  return end(s, size, out);
}

/* Some blocks at a time, so that a short record makes few of them however much is at hand. */
static int scan(struct json_scan *s, json_kernel *kernel, const uint8_t *data, size_t size, bool final, size_t *out) {
  enum { STEP = 256 };
  for (;;) {
    size_t whole = (size - s->done) / 64, n = whole < STEP ? whole : STEP;
    if (reserve(s, s->done + 64 * n + 64) != SLUICE_OK)
      return SLUICE_ERR_MEMORY;
    size_t used = n ? kernel(&s->carry, data + s->done, n, block_at(s, s->done)) : 0;
    if (s->carry.found)
      return end(s, s->done + used, out);
    s->done += used;
    if (n == whole)
      return scan_rest(s, kernel, data, size, final, out);
  }
}

int json_scan_line(struct json_scan *s, const uint8_t *data, size_t size, bool final, size_t *out) {
  return scan(s, s->kernels->lines, data, size, final, out);
}

int json_scan_value(struct json_scan *s, const uint8_t *data, size_t size, bool final, size_t *out) {
  return scan(s, s->kernels->values, data, size, final, out);
}
