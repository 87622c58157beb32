/* How fast the JSON encoder is on a flat mix of columns: prints MB/s of JSON on one core, and of each column alone. */
#include "core/encode/encode.h"
#include <stdlib.h>
#include <time.h>

enum { ROWS = 8192, ROUNDS = 200, TEXT = 24 };
struct column {
  const char *format, *name;
  const void *buffers[3];
  int n_buffers;
};

static void keep_schema(struct ArrowSchema *schema) {
  (void)schema;
}
static void keep_array(struct ArrowArray *array) {
  (void)array;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run(const char *title, struct column *columns, int n) {
  struct ArrowSchema schemas[16], *schema_of[16],
      schema = {.format = "+s", .name = "", .n_children = n, .children = schema_of, .release = keep_schema};
  struct ArrowArray arrays[16], *array_of[16];
  const void *none[] = {NULL};
  struct sluice_batch batch = {.struct_size = sizeof batch,
                               .array = {.length = ROWS,
                                         .n_buffers = 1,
                                         .n_children = n,
                                         .buffers = none,
                                         .children = array_of,
                                         .release = keep_array}};
  for (int i = 0; i < n; i++) {
    schemas[i] = (struct ArrowSchema){.format = columns[i].format, .name = columns[i].name, .release = keep_schema};
    arrays[i] = (struct ArrowArray){
        .length = ROWS, .n_buffers = columns[i].n_buffers, .buffers = columns[i].buffers, .release = keep_array};
    schema_of[i] = schemas + i;
    array_of[i] = arrays + i;
  }
  struct sluice_error err = {0};
  struct sluice_encoded out = {0};
  void *encoder = NULL;
  int rc = encode_service()->open("ndjson", NULL, &schema, &encoder, &err);
  double start = seconds();
  size_t bytes = 0;
  for (int i = 0; i < ROUNDS && rc == SLUICE_OK; i++) {
    rc = encode_service()->encode(encoder, &batch, 0, ROWS, NULL, &out, &err);
    bytes += out.size;
  }
  double took = seconds() - start;
  if (rc != SLUICE_OK)
    printf("%s: %s\n", title, err.message);
  else
    printf("%-12s %8.0f MB/s  %6.1f M rows/s  %5.1f bytes a row\n", title, (double)bytes / took / 1e6,
           ROWS * (double)ROUNDS / took / 1e6, (double)bytes / (ROWS * (double)ROUNDS));
  encode_service()->close(encoder);
}

int main(void) {
  static int64_t ids[ROWS], times[ROWS];
  static int32_t counts[ROWS], offsets[ROWS + 1];
  static double reals[ROWS];
  static char text[ROWS * TEXT];
  static uint8_t flags[ROWS / 8];
  uint64_t seed = 88172645463325252u;
  for (int i = 0; i < ROWS; i++) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    ids[i] = (int64_t)(seed >> 20);
    counts[i] = (int32_t)(seed % 10000);
    reals[i] = (double)(seed >> 11) * 0x1p-53;
    times[i] = 1700000000000 + i * 37;
    flags[i / 8] = (uint8_t)(flags[i / 8] | (seed & 1) << (i & 7));
    int32_t n = 8 + (int32_t)(seed >> 40) % 16;
    for (int32_t k = 0; k < n; k++)
      text[offsets[i] + k] = (char)('a' + (seed >> (k & 31)) % 26);
    offsets[i + 1] = offsets[i] + n;
  }
  struct column mix[] = {{"l", "prediction_id", {NULL, ids}, 2},        {"u", "campaign", {NULL, offsets, text}, 3},
                         {"g", "probability", {NULL, reals}, 2},        {"i", "impressions", {NULL, counts}, 2},
                         {"tsm:UTC", "predicted_at", {NULL, times}, 2}, {"b", "clicked", {NULL, flags}, 2},
                         {"u", "model", {NULL, offsets, text}, 3}};
  run("mix", mix, 7);
  for (int i = 0; i < 6; i++)
    run(mix[i].name, mix + i, 1);
  return 0;
}
