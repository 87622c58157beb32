/* Arrow C Data: types, building, sharing, validating, casting, IPC stream writing. A static library for host and
 * plugins. SPDX-License-Identifier: Apache-2.0
 *
 * Functions return a sluice_status; outputs are written only on SLUICE_OK. All are [any]: they keep no state beyond
 * their arguments. Specification: Arrow Columnar Format 1.5, C Data Interface, IPC streaming format (metadata V5). */
#ifndef SLUICE_ARROW_H
#define SLUICE_ARROW_H
#include <sluice/sdk.h>
#include <stdbool.h>

/* ---- types ---- */

enum sluice_type_id {
  SLUICE_TYPE_NULL,
  SLUICE_TYPE_BOOL,
  SLUICE_TYPE_INT8,
  SLUICE_TYPE_INT16,
  SLUICE_TYPE_INT32,
  SLUICE_TYPE_INT64,
  SLUICE_TYPE_UINT8,
  SLUICE_TYPE_UINT16,
  SLUICE_TYPE_UINT32,
  SLUICE_TYPE_UINT64,
  SLUICE_TYPE_HALF,
  SLUICE_TYPE_FLOAT,
  SLUICE_TYPE_DOUBLE,
  SLUICE_TYPE_DECIMAL32,
  SLUICE_TYPE_DECIMAL64,
  SLUICE_TYPE_DECIMAL128,
  SLUICE_TYPE_DECIMAL256,
  SLUICE_TYPE_UTF8,
  SLUICE_TYPE_LARGE_UTF8,
  SLUICE_TYPE_UTF8_VIEW,
  SLUICE_TYPE_BINARY,
  SLUICE_TYPE_LARGE_BINARY,
  SLUICE_TYPE_BINARY_VIEW,
  SLUICE_TYPE_FIXED_BINARY,
  SLUICE_TYPE_DATE32,
  SLUICE_TYPE_DATE64,
  SLUICE_TYPE_TIME32,
  SLUICE_TYPE_TIME64,
  SLUICE_TYPE_TIMESTAMP,
  SLUICE_TYPE_DURATION,
  SLUICE_TYPE_INTERVAL_MONTHS,
  SLUICE_TYPE_INTERVAL_DAY_TIME,
  SLUICE_TYPE_INTERVAL_MONTH_DAY_NANO,
  SLUICE_TYPE_LIST,
  SLUICE_TYPE_LARGE_LIST,
  SLUICE_TYPE_LIST_VIEW,
  SLUICE_TYPE_LARGE_LIST_VIEW,
  SLUICE_TYPE_FIXED_LIST,
  SLUICE_TYPE_STRUCT,
  SLUICE_TYPE_MAP,
  SLUICE_TYPE_DENSE_UNION,
  SLUICE_TYPE_SPARSE_UNION,
  SLUICE_TYPE_RUN_END
};
enum sluice_time_unit { SLUICE_SECOND, SLUICE_MILLI, SLUICE_MICRO, SLUICE_NANO };

struct sluice_type {
  enum sluice_type_id id;
  enum sluice_time_unit unit; /* times, timestamps, durations */
  int32_t width;              /* bytes of a value, of a FIXED_BINARY; items of a FIXED_LIST; 0: varies (BOOL: 0) */
  int32_t precision, scale;   /* decimals */
  const char *timezone;       /* TIMESTAMP: points into the format; "" none */
  int32_t n_buffers;          /* as C Data has them; views: the fixed part, without their data buffers and sizes */
};

/* Reads a C Data format string. DATA: not one; err says what is wrong. A dictionary field's format is its index type.
 */
int sluice_type_parse(const char *format, struct sluice_type *out, struct sluice_error *err);
/* The type's name for people, as in a configuration: "int64", "timestamp[us, UTC]", "decimal(10, 2)", "list". */
void sluice_type_name(const char *format, char *out, size_t size);
/* The reverse for scalar types, aliases included ("string", "double", "timestamp", "date", "decimal(10,2)", "int").
 * CONFIG: unknown name. out is a C Data format of at most 63 bytes. */
int sluice_type_from_name(const char *name, char out[64], struct sluice_error *err);

/* ---- schemas ---- */

/* A field without children. name may be NULL (then ""); both texts are copied. */
int sluice_schema_init(struct ArrowSchema *out, const char *format, const char *name, int64_t flags);
/* A nested field ("+s", "+l", ...) with room for n children, each zeroed, for the caller to init in place. */
int sluice_schema_nested(struct ArrowSchema *out, const char *format, const char *name, int64_t flags, int64_t n);
int sluice_schema_copy(const struct ArrowSchema *schema, struct ArrowSchema *out);
/* Gives a schema that these functions made another name, which is copied. */
int sluice_schema_rename(struct ArrowSchema *schema, const char *name);
/* Replaces the metadata (encoded as C Data has it; NULL: none) of a schema made by the functions above. */
int sluice_schema_set_metadata(struct ArrowSchema *schema, const char *metadata);
/* Makes a schema of our own, of an integer format, a dictionary field; values is moved into it on OK. */
int sluice_schema_set_dictionary(struct ArrowSchema *schema, struct ArrowSchema *values);
/* Same names, formats, nullability, order, children and dictionaries; metadata is not compared. */
bool sluice_schema_equal(const struct ArrowSchema *a, const struct ArrowSchema *b);
/* Index of the child with this name, the first of several; -1: none. */
int64_t sluice_schema_find(const struct ArrowSchema *schema, const char *name);
/* The structure is sound: formats, child counts, names, depth at most 64. DATA otherwise. */
int sluice_schema_validate(const struct ArrowSchema *schema, struct sluice_error *err);

/* ---- buffers and arrays ---- */

struct sluice_buffer { /* growable, 64-byte aligned; zeroed is empty; limit 0 means 2 GiB - 64 */
  uint8_t *data;
  size_t size, capacity, limit;
};
int sluice_buffer_reserve(struct sluice_buffer *, size_t more); /* MEMORY: no memory, or over the limit */
int sluice_buffer_append(struct sluice_buffer *, const void *bytes, size_t n);
void sluice_buffer_free(struct sluice_buffer *); /* and zeroes it */

/* Makes an array that owns these buffers and children: they are taken (zeroed) on OK and untouched otherwise.
 * A buffer without data becomes NULL. dictionary may be NULL. null_count -1: not counted. */
int sluice_array_adopt(struct ArrowArray *out, int64_t length, int64_t null_count, struct sluice_buffer *buffers,
                       int64_t n_buffers, struct ArrowArray *children, int64_t n_children,
                       struct ArrowArray *dictionary);
/* Ties `memory` (malloc'ed) to the life of the array, which frees it. On an error it still belongs to the caller. */
int sluice_array_attach(struct ArrowArray *array, void *memory);
/* Makes *array shareable in place (reference counted, atomically): afterwards slices hold a reference to its memory.
 * Harmless on one that is shared already; one that comes from another module (host or plugin) is not, for this module.
 */
int sluice_array_share(struct ArrowArray *array);
/* Rows offset..offset+length-1 of a shared array, without a copy; DATA: out of range; BUG: not shared. */
int sluice_array_slice(struct ArrowArray *shared, int64_t offset, int64_t length, struct ArrowArray *out);
/* The rows whose keep[i] is not 0, copied. */
int sluice_array_filter(const struct ArrowSchema *schema, const struct ArrowArray *array, const uint8_t *keep,
                        struct ArrowArray *out, struct sluice_error *err);
/* The arrays one after the other, copied; dictionaries are unified or decoded by the caller first (UNSUPPORTED). */
int sluice_array_concat(const struct ArrowSchema *schema, const struct ArrowArray *const *arrays, int64_t n,
                        struct ArrowArray *out, struct sluice_error *err);
/* All values of a type that are null, of that length. */
int sluice_array_nulls(const struct ArrowSchema *schema, int64_t length, struct ArrowArray *out);
/* Bytes of memory that an array's values take, children and dictionaries included. */
int64_t sluice_array_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array);
/* How many of the rows first..first+n-1 take at most so many bytes, and refer to at most so many of dictionaries and of
 * items that they share; at least 1 of n > 0. The array's shape is validated, its indexes need not be. */
int64_t sluice_array_rows_within(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t first,
                                 int64_t n, int64_t bytes);

enum sluice_check_level {
  SLUICE_CHECK_SHAPE,  /* counts, lengths and first and last offsets; time independent of the number of rows */
  SLUICE_CHECK_BOUNDS, /* every offset, view, index, type code and run end: no reader is led outside */
  SLUICE_CHECK_FULL    /* that texts are UTF-8, and the null count, as well */
};
/* DATA: what is wrong, with the path of the column in err->where. Never reads outside what offsets already proved
 * allow. */
int sluice_array_validate(const struct ArrowSchema *schema, const struct ArrowArray *array,
                          enum sluice_check_level level, struct sluice_error *err);
/* The same, but of dictionaries, which are known to be valid, only the shape. */
int sluice_array_validate_known(const struct ArrowSchema *schema, const struct ArrowArray *array,
                                enum sluice_check_level level, struct sluice_error *err);
/* Length of the valid UTF-8 at the start of the text: n where all of it is valid. */
size_t sluice_utf8_valid(const void *text, size_t n);

static inline bool sluice_bit(const void *bits, int64_t i) {
  return (((const uint8_t *)bits)[i >> 3] >> (i & 7)) & 1;
}
/* True if value i (before array->offset) is null by the validity bitmap; unions and run-ends have none. */
static inline bool sluice_is_null(const struct ArrowArray *array, int64_t i) {
  return array->n_buffers > 0 && array->buffers[0] && !sluice_bit(array->buffers[0], array->offset + i);
}

/* ---- builder: values one by one, for cold paths, tests and small decoders ---- */

/* Values that do not fit are refused with DATA and the builder is as before. After MEMORY, and after a failed finish,
 * only destroy is legal. BUG: a call that this type does not have. Text is not checked to be UTF-8. */

struct sluice_builder;
int sluice_builder_create(const struct ArrowSchema *schema, struct sluice_builder **out, struct sluice_error *err);
void sluice_builder_destroy(struct sluice_builder *); /* takes NULL */
int sluice_builder_null(struct sluice_builder *);
int sluice_builder_int(struct sluice_builder *,
                       int64_t value); /* bool, ints, dates, times, timestamps, durations; DATA: out of range */
int sluice_builder_uint(struct sluice_builder *, uint64_t value);
int sluice_builder_double(struct sluice_builder *, double value); /* half, float, double */
int sluice_builder_bytes(struct sluice_builder *, const void *bytes,
                         size_t n); /* text, binary, fixed binary, decimals and
                                       intervals (little-endian, full width) */
/* Borrowed; NULL: no such child. Of a dictionary field, child 0 is its dictionary, and values are put as indexes. */
struct sluice_builder *sluice_builder_child(struct sluice_builder *, int64_t i);
int sluice_builder_end(
    struct sluice_builder *); /* list, map, struct, fixed list: what was put into children is one value */
/* A union: the value just put into child i is the next one. (A sparse union's other children get a null by themselves.)
 */
int sluice_builder_union(struct sluice_builder *, int64_t i);
/* A run-end encoded field: the value just put into child 1 is there n times. */
int sluice_builder_run(struct sluice_builder *, int64_t n);
/* Rows first..first+n-1 of a validated array of the builder's type, copied. Dictionary indexes are copied as they are.
 */
int sluice_builder_append(struct sluice_builder *, const struct ArrowArray *array, int64_t first, int64_t n);
int sluice_builder_nulls(struct sluice_builder *, int64_t n);
int64_t sluice_builder_length(const struct sluice_builder *);
/* The array of all values so far; the builder is empty afterwards and can go on. */
int sluice_builder_finish(struct sluice_builder *, struct ArrowArray *out, struct sluice_error *err);

/* ---- casts ---- */

/* Reports one value that the target type cannot hold; its row (index in the array) becomes null in the output.
 * Return OK to go on; anything else ends the cast with that code. */
typedef int sluice_misfit_fn(void *context, int64_t row, const char *column, const char *reason);

/* OK if values of `from` can be cast to `to` at all (single values may still not fit); UNSUPPORTED with a reason. */
int sluice_cast_check(const struct ArrowSchema *from, const struct ArrowSchema *to, struct sluice_error *err);
/* Casts without loss: numbers by value (a double with a fraction does not fit an int), text by parsing and printing
 * (RFC 3339 timestamps, ISO dates, shortest doubles, decimals by digits), structs by field name, lists by item,
 * decimals by scale if no digit is lost, timestamps by unit if no digit is lost, dictionaries, views, run-ends and
 * large types to plain ones and back. Takes *array on OK (same type: it is moved). misfit NULL: the first misfit is
 * DATA. */
int sluice_cast(const struct ArrowSchema *from, struct ArrowArray *array, const struct ArrowSchema *to,
                sluice_misfit_fn *misfit, void *context, struct ArrowArray *out, struct sluice_error *err);
/* The same for a column of a batch, but fields of structs that `to` has no place for are left out; errors and misfits
 * name the whole path, "o.a". */
int sluice_cast_within_check(const struct ArrowSchema *from, const struct ArrowSchema *to, struct sluice_error *err);
int sluice_cast_within(const struct ArrowSchema *from, struct ArrowArray *array, const struct ArrowSchema *to,
                       sluice_misfit_fn *misfit, void *context, struct ArrowArray *out, struct sluice_error *err);
/* The nearest schema with none of the types outside `accepts` (SLUICE_ACCEPT_*): what a sink is given. */
int sluice_schema_plain(const struct ArrowSchema *schema, uint64_t accepts, struct ArrowSchema *out);

/* ---- tests of values: what a scan's `where` means, for the host and for readers that use it as a hint ---- */

/* A test of a field's values. A null is only IS_NULL. The literal is read as a cast from text reads it; a number that
 * the type cannot hold is compared all the same (of whole numbers, what is less than 10.5 is at most 10), a duration is
 * a count of its unit, 16 bytes may be written as a UUID. NaN is not equal to anything, and neither less nor greater;
 * -0 is +0; texts and bytes compare by bytes. CONFIG: the literal is no value of the type, or it has no order (nested
 * types and intervals: only tests of null). */
struct sluice_comparison;
int sluice_comparison_create(const struct ArrowSchema *field, int32_t compare, const char *literal,
                             struct sluice_comparison **out, struct sluice_error *err);
void sluice_comparison_destroy(struct sluice_comparison *); /* takes NULL */
/* keep[i] stays as it is where the test is true of value first + i (before array->offset), and becomes 0 elsewhere.
 * keep[i] is 0 or 1 before. [any] */
int sluice_comparison_apply(const struct sluice_comparison *, const struct ArrowArray *array, int64_t first, int64_t n,
                            uint8_t *keep);
/* The literal as a value of the type lies in memory, for readers that look it up; false: no value can be equal to it,
 * or the type is a dictionary's or the like. *bytes is valid as long as the comparison. */
bool sluice_comparison_value(const struct sluice_comparison *, const void **bytes, size_t *size);

/* ---- values as text, shared by casts, encoders and messages ---- */

enum { SLUICE_TEXT_MAX = 128 }; /* room that each of these needs; they return the length and write no NUL */
size_t sluice_print_int(char *out, int64_t value);
size_t sluice_print_uint(char *out, uint64_t value);
/* Shortest text that reads back as the same value (round trip), as JSON writes numbers: a fraction or an exponent is
 * always there, so that readers keep it a double: 1.0, -0.0, 0.001, 1e16, 1.5e-7. Not for JSON: nan, inf, -inf. */
size_t sluice_print_double(char *out, double value);
size_t sluice_print_float(char *out, float value);
size_t sluice_print_decimal(char *out, const void *little_endian, int32_t bytes, int32_t scale);
size_t sluice_print_date(char *out, int64_t days); /* 2024-02-29; year 0..9999, else -/+ and more digits */
size_t sluice_print_time(char *out, int64_t value, enum sluice_time_unit);                /* 13:05:59.123 */
size_t sluice_print_timestamp(char *out, int64_t value, enum sluice_time_unit, bool utc); /* 2024-02-29T13:05:59.123Z */
/* Exact parsers of the whole text; false: it is not one, or out of range. */
bool sluice_parse_int(const char *text, size_t n, int64_t *out);
bool sluice_parse_uint(const char *text, size_t n, uint64_t *out);
bool sluice_parse_double(const char *text, size_t n,
                         double *out); /* correctly rounded; decimal and exponent forms, inf, nan */
bool sluice_parse_bool(const char *text, size_t n, bool *out);     /* true, false in lower, upper or title case */
bool sluice_parse_date(const char *text, size_t n, int32_t *days); /* YYYY-MM-DD */
bool sluice_parse_time(const char *text, size_t n, enum sluice_time_unit, int64_t *out); /* HH:MM[:SS[.fraction]] */
/* YYYY-MM-DD[T ]HH:MM[:SS[.fraction]][Z|+hh[:mm]]; *zoned tells if a zone was there (then *out is UTC). A digit that
 * the unit cannot hold is false. */
bool sluice_parse_timestamp(const char *text, size_t n, enum sluice_time_unit, int64_t *out, bool *zoned);
bool sluice_parse_decimal(const char *text, size_t n, int32_t precision, int32_t scale, int32_t bytes,
                          void *little_endian);

/* ---- IPC stream writer ---- */

typedef int sluice_write_fn(void *context, const void *bytes, size_t n, struct sluice_error *err);
struct sluice_ipc_writer;
/* Writes the schema message; then batches of that schema; finish writes the end marker. Little-endian, uncompressed,
 * 64-byte aligned bodies. Dictionaries are sent when first seen and again when they change. */
int sluice_ipc_create(const struct ArrowSchema *schema, sluice_write_fn *write, void *context,
                      struct sluice_ipc_writer **out, struct sluice_error *err);
int sluice_ipc_write(struct sluice_ipc_writer *, const struct ArrowArray *batch, struct sluice_error *err);
int sluice_ipc_finish(struct sluice_ipc_writer *, struct sluice_error *err);
void sluice_ipc_destroy(struct sluice_ipc_writer *); /* takes NULL */

#endif
