/* Fuzz target: texts, and indexes and offsets that may point anywhere, through both encoders; the JSON must read back
 * equal. */
#include "core/encode/encode.h"
#include <jansson.h>
#include <stdlib.h>

enum { ROWS = 4, HEAD = 24 };

struct input { /* the head of the input, as it stands */
  int8_t indexes[ROWS];
  int32_t lists[ROWS + 1];
};

static void must(int ok) {
  if (!ok)
    abort();
}
static void keep_schema(struct ArrowSchema *schema) {
  (void)schema;
}
static void keep_array(struct ArrowArray *array) {
  (void)array;
}
static int take_reject(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)rejects, (void)err;
  must(reject->row >= 0 && reject->row < ROWS && reject->reason[0]);
  return SLUICE_OK;
}

/* A line must be an object whose column "t" is this text. */
static void check_line(const char *line, size_t n, const char *text, size_t size) {
  json_error_t problem;
  json_t *record = json_loadb(line, n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &problem);
  must(record != NULL);
  const json_t *value = json_object_get(record, "t");
  must(json_string_length(value) == size && memcmp(json_string_value(value), text, size) == 0);
  json_decref(record);
}

static void encode(const char *format, const struct ArrowSchema *schema, const struct ArrowArray *array,
                   const char *text, const int32_t *offsets) {
  struct sluice_batch batch = {.struct_size = sizeof batch, .array = *array};
  struct sluice_rejects rejects = {take_reject, NULL};
  struct sluice_error err = {0};
  struct sluice_encoded out;
  void *encoder = NULL;
  must(encode_service()->open(format, NULL, schema, &encoder, &err) == SLUICE_OK);
  must(encode_service()->encode(encoder, &batch, 0, ROWS, &rejects, &out, &err) == SLUICE_OK);
  for (int i = 0; i < ROWS && format[0] == 'n'; i++) {
    size_t start = i ? out.ends[i - 1] : 0;
    if (out.ends[i] > start)
      check_line((const char *)out.data + start, out.ends[i] - start, text + offsets[i],
                 (size_t)(offsets[i + 1] - offsets[i]));
  }
  encode_service()->close(encoder);
}

/* The texts are what is between bytes 0x1e; the last takes the rest. */
static void split(const char *text, int32_t size, int32_t offsets[ROWS + 1]) {
  int32_t at = 0;
  offsets[0] = 0;
  for (int i = 1; i < ROWS; i++) {
    while (at < size && text[at] != 0x1e)
      at++;
    offsets[i] = at < size ? ++at : at;
  }
  offsets[ROWS] = size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEAD || size > 100000)
    return 0;
  struct input head;
  int32_t offsets[ROWS + 1];
  memcpy(head.indexes, data, ROWS);
  memcpy(head.lists, data + ROWS, sizeof head.lists);
  char *text = malloc(size - HEAD + 1);
  must(text != NULL);
  char *exact = realloc(text, size > HEAD ? size - HEAD : 1); /* so that a read past the end is seen */
  must(exact != NULL);
  memcpy(exact, data + HEAD, size - HEAD);
  split(exact, (int32_t)(size - HEAD), offsets);
  const void *texts[] = {NULL, offsets, exact}, *dictionary[] = {NULL, head.indexes}, *lists[] = {NULL, head.lists},
             *none[] = {NULL};
  struct ArrowSchema text_schema = {.format = "u", .name = "t", .release = keep_schema}, item_schema = text_schema,
                     *item_schemas[] = {&item_schema};
  struct ArrowArray text_array = {.length = ROWS, .n_buffers = 3, .buffers = texts, .release = keep_array},
                    *item_arrays[] = {&text_array};
  struct ArrowSchema
      dictionary_schema = {.format = "c", .name = "d", .dictionary = &item_schema, .release = keep_schema},
      list_schema = {.format = "+l", .name = "l", .n_children = 1, .children = item_schemas, .release = keep_schema};
  struct ArrowArray dictionary_array = {.length = ROWS,
                                        .n_buffers = 2,
                                        .buffers = dictionary,
                                        .dictionary = &text_array,
                                        .release = keep_array},
                    list_array = {.length = ROWS,
                                  .n_buffers = 2,
                                  .buffers = lists,
                                  .n_children = 1,
                                  .children = item_arrays,
                                  .release = keep_array};
  struct ArrowSchema *schemas[] = {&text_schema, &dictionary_schema, &list_schema},
                     schema = {
                         .format = "+s", .name = "", .n_children = 3, .children = schemas, .release = keep_schema};
  struct ArrowArray *arrays[] = {&text_array, &dictionary_array, &list_array}, array = {.length = ROWS,
                                                                                        .n_buffers = 1,
                                                                                        .buffers = none,
                                                                                        .n_children = 3,
                                                                                        .children = arrays,
                                                                                        .release = keep_array};
  encode("ndjson", &schema, &array, exact, offsets);
  encode("csv", &schema, &array, exact, offsets);
  free(exact);
  return 0;
}
