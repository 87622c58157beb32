/* Plugins that the host must refuse; BAD says in which way. */
#include <sluice/sdk.h>

enum {
  GOOD,
  NO_WRITER,
  WRONG_MAJOR,
  WRONG_NOTE_MAJOR,
  NO_NOTE,
  NO_SYMBOL,
  A_FUNCTION,
  OTHER_NAME,
  OTHER_COUNT,
  BAD_OPTIONS,
  NO_BASE,
  SMALL_STRUCT
};

static int open_it(const struct sluice_host *host, const void *config, void **self, struct sluice_error *err) {
  (void)host;
  (void)config;
  (void)self;
  (void)err;
  return SLUICE_OK;
}
static void close_it(void *self) {
  (void)self;
}
static int make_writer(void *self, const struct sluice_stream *stream, const struct ArrowSchema *schema,
                       struct sluice_writer **out, struct sluice_error *err) {
  (void)self;
  (void)stream;
  (void)schema;
  (void)out;
  return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, NULL, "only to be loaded");
}

struct none {
  const char *text;
};
static const struct sluice_option items[] = {
    {.name = "text", .kind = SLUICE_OPTION_TEXT, .offset = BAD == BAD_OPTIONS ? 4096 : 0}};
static const struct sluice_options options = SLUICE_OPTIONS(struct none, items);
static const struct sluice_base base = {.struct_size = sizeof base,
                                        .kind = SLUICE_SINK,
                                        .name = BAD == OTHER_NAME ? "other" : NAME,
                                        .version = "1.0.0",
                                        .help = "A test.",
                                        .options = &options};
static const struct sluice_sink sink = {.struct_size = BAD == SMALL_STRUCT ? 16 : sizeof sink,
                                        .base = BAD == NO_BASE ? NULL : &base,
                                        .open = open_it,
                                        .close = close_it,
                                        .writer = BAD == NO_WRITER ? NULL : make_writer};

#if BAD == 12 /* OTHER_TEXT */
#define TEXT "sink\n"
#else
#define TEXT "sink " NAME " 1.0.0\n"
#endif

#if BAD == 0
SLUICE_PLUGIN(SLUICE_SINK, "sink " NAME " 1.0.0\n", &sink)
#else
static const struct sluice_component *const components[] = {(const struct sluice_component *)&sink, NULL};
#if BAD != 4 /* NO_NOTE */
static const struct {
  uint32_t name_size, desc_size, type;
  char name[8];
  struct sluice_note note;
} note __attribute__((section(".note.sluice"), used, aligned(4))) = {
    7,
    sizeof(struct sluice_note),
    1,
    "Sluice",
    {BAD == WRONG_NOTE_MAJOR ? 2 : 1,
     0,
     (uint32_t)sizeof(void *),
     1u << SLUICE_SINK,
     {0, 0, 0, BAD == SMALL_STRUCT ? 16 : (uint32_t)sizeof(struct sluice_sink)},
     TEXT}};
#endif
#if BAD == 5   /* NO_SYMBOL */
__attribute__((visibility("default"))) extern const struct sluice_component *const *sluice_other;
const struct sluice_component *const *sluice_other = components;
#elif BAD == 6 /* A_FUNCTION */
__attribute__((visibility("default"))) const void *sluice_plugin_v1(void);
const void *sluice_plugin_v1(void) {
  return components;
}
#else
SLUICE_EXPORT_ const struct sluice_plugin sluice_plugin_v1 = {
    sizeof(struct sluice_plugin), BAD == WRONG_MAJOR ? 2 : 1, 0, BAD == OTHER_COUNT ? 2 : 1, 0, components};
#endif
#endif
