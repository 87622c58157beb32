/* Schemas and values as texts that are equal where schemas and values are. Written apart from core/arrow, so that one
 * checks the other. */
#ifndef IPC_COMPARE_VALUES_H
#define IPC_COMPARE_VALUES_H
#include <sluice/arrow.h>

enum { VALUES_NULLABILITY = 1, VALUES_METADATA = 2 };

void put_text(struct sluice_buffer *out, const char *text);
__attribute__((format(printf, 2, 3))) void put_format(struct sluice_buffer *out, const char *format, ...);
void put_hex(struct sluice_buffer *out, const void *bytes, size_t n);
void put_float(struct sluice_buffer *out, double value, int bytes);
/* A decimal's unscaled value. */
void put_wide(struct sluice_buffer *out, const void *little_endian, int32_t bytes);
/* A line a field, nested ones behind their parents; flags: what is shown beside names and types. */
void put_schema(struct sluice_buffer *out, const struct ArrowSchema *schema, int flags);
/* Value i of a valid array. Dictionaries and runs are looked through. */
void put_value(struct sluice_buffer *out, const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t i);

#endif
