/* Conveniences for plugin authors; header only, nothing to link. SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_SDK_H
#define SLUICE_SDK_H
#include <sluice/plugin.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#ifdef __cplusplus
extern "C" {
#endif

/* Fills err (may be NULL) and returns code. The first error wins: later calls on the same err change nothing, nor does
 * a code that is no error. */
static inline int sluice_vfail(struct sluice_error *err, int code, const char *where, const char *format,
                               va_list args) {
  if (!err || code >= SLUICE_OK || err->message[0])
    return code;
  err->row = err->offset = -1;
  snprintf(err->where, sizeof err->where, "%s", where ? where : "");
  vsnprintf(err->message, sizeof err->message, format, args);
  return code;
}
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
static inline int
sluice_fail(struct sluice_error *err, int code, const char *where, const char *format, ...) {
  va_list args;
  va_start(args, format);
  sluice_vfail(err, code, where, format, args);
  va_end(args);
  return code;
}

/* Sends one printf-like line to the host's log. [any] */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static inline void
sluice_log(const struct sluice_host *host, int level, const char *format, ...) {
  char line[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  host->log(host, level, line);
}

/* Releases whatever a C Data struct holds; takes one that was moved or never filled. */
static inline void sluice_schema_release(struct ArrowSchema *schema) {
  if (schema->release)
    schema->release(schema);
}
static inline void sluice_array_release(struct ArrowArray *array) {
  if (array->release)
    array->release(array);
}
/* Moves src to dst, which must hold nothing. */
static inline void sluice_schema_move(struct ArrowSchema *src, struct ArrowSchema *dst) {
  *dst = *src;
  memset(src, 0, sizeof *src);
}
static inline void sluice_array_move(struct ArrowArray *src, struct ArrowArray *dst) {
  *dst = *src;
  memset(src, 0, sizeof *src);
}

/* The idempotency key of records first..last of a batch: the same records of the same unit always give the same key.
 * out needs SLUICE_KEY_SIZE bytes. Indexes are into the batch. */
enum { SLUICE_KEY_SIZE = 128 };
static inline void sluice_batch_key(const struct sluice_batch *batch, int64_t first, int64_t last, char *out) {
  snprintf(out, SLUICE_KEY_SIZE, "%.64s-%lld-%lld", SLUICE_HAS(batch, unit) ? batch->unit : "",
           (long long)(batch->first_row + first), (long long)(batch->first_row + last));
}

/* An option table for the config struct T from an array of struct sluice_option:
 *   static const struct sluice_option items[] = {SLUICE_OPTION(T, path, SLUICE_OPTION_TEXT, .help = "...")};
 *   static const struct sluice_options options = SLUICE_OPTIONS(T, items); */
#define SLUICE_OPTION(T, field, kind_, ...)                                                                            \
  { .name = #field, .kind = (kind_), .offset = offsetof(T, field), __VA_ARGS__ }
#define SLUICE_OPTIONS(T, items_)                                                                                      \
  {                                                                                                                    \
    sizeof(struct sluice_options), sizeof(items_) / sizeof((items_)[0]), sizeof(struct sluice_option), sizeof(T),      \
        items_                                                                                                         \
  }

/* Defines the exported symbol and the ELF note of a plugin with one component, once in a plugin:
 *   SLUICE_PLUGIN(SLUICE_SINK, "sink http 1.0.0\n", &component)     the text: kind, name and version as in its base */
#define SLUICE_PLUGIN(kind, text, component)                                                                           \
  SLUICE_PLUGIN_MANY(1u << (kind), text, (const struct sluice_component *)(component))
/* The same for several components: kinds or'ed as 1 << kind, a text line each, then struct sluice_component pointers.
 */
#define SLUICE_PLUGIN_MANY(kinds, text, ...)                                                                           \
  static const struct sluice_component *const sluice_components_[] = {__VA_ARGS__};                                    \
  SLUICE_NOTE_(kinds, text)                                                                                            \
  SLUICE_EXPORT_ const struct sluice_plugin sluice_plugin_v1 = {sizeof(struct sluice_plugin),                          \
                                                                SLUICE_ABI_MAJOR,                                      \
                                                                SLUICE_ABI_MINOR,                                      \
                                                                sizeof sluice_components_ /                            \
                                                                    sizeof sluice_components_[0],                      \
                                                                0,                                                     \
                                                                sluice_components_};

#ifdef __cplusplus
#define SLUICE_EXPORT_ extern "C" __attribute__((visibility("default")))
#else
#define SLUICE_EXPORT_                                                                                                 \
  extern const struct sluice_plugin sluice_plugin_v1;                                                                  \
  __attribute__((visibility("default")))
#endif
#define SLUICE_NOTE_(kinds, text)                                                                                      \
  static const struct {                                                                                                \
    uint32_t name_size, desc_size, type;                                                                               \
    char name[8];                                                                                                      \
    struct sluice_note note;                                                                                           \
  } sluice_note_ __attribute__((section(".note.sluice"), used, aligned(4))) = {                                        \
      7,                                                                                                               \
      sizeof(struct sluice_note),                                                                                      \
      1,                                                                                                               \
      "Sluice",                                                                                                        \
      {SLUICE_ABI_MAJOR,                                                                                               \
       SLUICE_ABI_MINOR,                                                                                               \
       (uint32_t)sizeof(void *),                                                                                       \
       (kinds),                                                                                                        \
       {(uint32_t)sizeof(struct sluice_source), (uint32_t)sizeof(struct sluice_format),                                \
        (uint32_t)sizeof(struct sluice_transform), (uint32_t)sizeof(struct sluice_sink)},                              \
       text}};

#ifdef __cplusplus
}
#endif
#endif
