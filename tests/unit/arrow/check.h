/* cmocka and what the Arrow tests share. */
#ifndef SLUICE_TEST_CHECK_H
#define SLUICE_TEST_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <stdlib.h>

#include "sample.h"

#define assert_ok(call) assert_int_equal((call), SLUICE_OK)

static inline uint64_t next_random(void) {
  static uint64_t state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/* A column of texts; NULL is null. */
static inline void make_texts(const char *format, const char *const *texts, int64_t n, struct ArrowSchema *schema,
                              struct ArrowArray *array) {
  struct sluice_builder *b = NULL;
  assert_ok(sluice_schema_init(schema, format, "column", ARROW_FLAG_NULLABLE));
  assert_ok(sluice_builder_create(schema, &b, NULL));
  for (int64_t i = 0; i < n; i++)
    assert_ok(texts[i] ? sluice_builder_bytes(b, texts[i], strlen(texts[i])) : sluice_builder_null(b));
  assert_ok(sluice_builder_finish(b, array, NULL));
  sluice_builder_destroy(b);
}

/* Value i of a utf8 column as a C text. */
static inline const char *text_at(const struct ArrowArray *array, int64_t i, char *room, size_t size) {
  const int32_t *offsets = (const int32_t *)array->buffers[1] + array->offset + i;
  if (sluice_is_null(array, i))
    return "NULL";
  const char *data = array->buffers[2];
  snprintf(room, size, "%.*s", (int)(offsets[1] - offsets[0]), data ? data + offsets[0] : "");
  return room;
}

#endif
