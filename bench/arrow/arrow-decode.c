/* How fast the Arrow reader is. Usage: bench-arrow-decode HOW FILE, where HOW is
 *   full, bounds   decode the mapped file, with that validation
 *   read           decode it through reads into memory, with full validation
 *   one            decode the first column only, from the mapped file
 *   codec          only decompress its buffers into one place, without arrays: what no reader can be faster than
 * Prints CPU seconds (the best of five), rows, bytes of arrays, and peak memory. One thread. Judges nothing. */
#include "arrow_side.h"
#include "codec.h"
#include "file.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, BATCH_SLOT_COMPRESSION = 3, BATCH_SLOT_BUFFERS = 2 };

struct totals {
  int64_t rows, bytes;
};
struct mapped {
  const uint8_t *data;
  size_t size;
  int fd;
};

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of one thread: what else runs does not count */
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what) {
  fprintf(stderr, "bench-arrow-decode: %s\n", what);
  exit(1);
}

static struct mapped map_file(const char *path) {
  struct stat info;
  struct mapped m = {.fd = open(path, O_RDONLY)};
  if (m.fd < 0 || fstat(m.fd, &info) != 0)
    die("cannot open the file");
  m.size = (size_t)info.st_size;
  void *data = mmap(NULL, m.size, PROT_READ, MAP_SHARED, m.fd, 0);
  if (data == MAP_FAILED)
    die("cannot map the file");
  m.data = data;
  return m;
}

static int pread_at(struct sluice_input *in, int64_t offset, void *buffer, size_t n, size_t *got,
                    struct sluice_error *err) {
  const struct mapped *m = in->private_data;
  ssize_t size = pread(m->fd, buffer, n, offset);
  *got = size > 0 ? (size_t)size : 0;
  return size < 0 ? sluice_fail(err, SLUICE_ERR_DATA, "", "cannot read") : SLUICE_OK;
}

static void forget_input(struct sluice_input *in) {
  in->release = NULL;
}

static struct sluice_reader open_reader(struct arrow_side *side, struct mapped *m, struct test_input *view,
                                        const struct sluice_scan *scan, bool reads) {
  struct sluice_error err = {0};
  *view = (struct test_input){.data = m->data, .size = m->size, .views = true};
  if (arrow_side_open(side, view, scan, &err) != SLUICE_OK)
    die(err.message);
  if (!reads)
    return side->reader;
  struct sluice_input in = {
      .size = (int64_t)m->size, .window = 1 << 20, .read_at = pread_at, .release = forget_input, .private_data = m};
  side->reader.release(&side->reader);
  if (arrow_side_format()->decode(side->self, &in, scan, &side->reader, &err) != SLUICE_OK)
    die(err.message);
  return side->reader;
}

static struct totals decode(struct mapped *m, const struct sluice_scan *scan, bool reads, int validate) {
  struct totals t = {0, 0};
  struct test_input view;
  struct arrow_side side = {.config = arrow_side_config()};
  struct ArrowSchema schema;
  struct sluice_error err = {0};
  side.config.validate = validate;
  struct sluice_reader reader = open_reader(&side, m, &view, scan, reads);
  if (reader.schema(&reader, &schema, &err) != SLUICE_OK)
    die(err.message);
  for (;;) {
    struct sluice_batch batch = {.struct_size = sizeof batch};
    int rc = reader.next(&reader, &batch, &err);
    if (rc == SLUICE_END)
      break;
    if (rc)
      die(err.message);
    t.rows += batch.array.length;
    t.bytes += sluice_array_bytes(&schema, &batch.array);
    sluice_array_release(&batch.array);
  }
  schema.release(&schema);
  arrow_side_close(&side);
  return t;
}

/* The buffers of one message. */
static int64_t unpack(struct arrow_codecs *codecs, const struct mapped *m, struct arrow_message *message, uint8_t *out,
                      size_t room) {
  struct fb_table compression;
  struct fb_vector buffers = {0, 0};
  int64_t made = 0;
  if (!fb_sub(&message->header, BATCH_SLOT_COMPRESSION, &compression))
    die("the file is not compressed");
  enum arrow_codec codec = fb_number(&compression, 0, 1, 0) ? ARROW_CODEC_ZSTD : ARROW_CODEC_LZ4;
  fb_vector(&message->header, BATCH_SLOT_BUFFERS, 16, &buffers);
  for (size_t i = 0; i < buffers.count; i++) {
    int64_t at = message->body + fb_at(&message->fb, buffers.at + 16 * i, 8), size, claimed;
    size = fb_at(&message->fb, buffers.at + 16 * i + 8, 8);
    if (size < 8)
      continue;
    memcpy(&claimed, m->data + at, sizeof claimed);
    if (claimed > (int64_t)room)
      die("a buffer is larger than this benchmark's room");
    if (claimed >= 0 && arrow_codec_decode(codecs, codec, m->data + at + 8, (size_t)size - 8, out, (size_t)claimed))
      die("a buffer cannot be decompressed");
    made += claimed < 0 ? size - 8 : claimed;
  }
  return made;
}

static struct totals codec_only(struct mapped *m) {
  static const size_t room = 64 << 20;
  struct totals t = {0, 0};
  struct test_input bytes = {.data = m->data, .size = m->size, .views = true};
  struct sluice_input in;
  struct arrow_codecs codecs = {0};
  struct arrow_file file = {0};
  struct sluice_error err = {0};
  uint8_t *out = aligned_alloc(64, room);
  test_input_open(&bytes, &in);
  struct arrow_source source = {&in, "file"};
  if (!out || arrow_file_open(&source, NULL, &file, &err) != SLUICE_OK || !file.indexed)
    die(err.message[0] ? err.message : "no memory, or not an indexed file");
  for (int64_t i = 0; i < file.n_batches; i++) {
    struct arrow_message message;
    const struct arrow_block *b = &file.batches[i];
    if (arrow_message_read_block(&source, b->offset, b->head, b->body, &message, &err) != SLUICE_OK)
      die(err.message);
    t.rows += fb_number(&message.header, 0, 8, 0);
    t.bytes += unpack(&codecs, m, &message, out, room);
    arrow_message_finish(&message);
  }
  arrow_codecs_finish(&codecs);
  arrow_file_finish(&file);
  free(out);
  return t;
}

/* Of this program alone: what the one that started it had does not count. */
static long peak_megabytes(void) {
  char line[256];
  long kilobytes = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, "VmHWM:", 6) == 0)
      kilobytes = strtol(line + 6, NULL, 10);
  if (file)
    fclose(file);
  return kilobytes / 1024;
}

static struct totals run(const char *how, struct mapped *m) {
  struct sluice_scan scan = {.struct_size = sizeof scan, .part = "file", .batch_rows = 65536, .batch_bytes = 1 << 30};
  struct ArrowSchema want = {0}, schema;
  struct arrow_side side = {.config = arrow_side_config()};
  struct test_input view;
  struct sluice_error err = {0};
  bool bounds = strcmp(how, "bounds") == 0;
  if (strcmp(how, "codec") == 0)
    return codec_only(m);
  if (strcmp(how, "one") != 0)
    return decode(m, &scan, strcmp(how, "read") == 0, bounds ? ARROW_VALIDATE_BOUNDS : ARROW_VALIDATE_FULL);
  struct sluice_reader reader = open_reader(&side, m, &view, &scan, false);
  if (reader.schema(&reader, &schema, &err) != SLUICE_OK || sluice_schema_nested(&want, "+s", "", 0, 1) != SLUICE_OK ||
      sluice_schema_init(want.children[0], "", schema.children[0]->name, ARROW_FLAG_NULLABLE) != SLUICE_OK)
    die("no memory");
  scan.want = &want;
  struct totals t = decode(m, &scan, false, ARROW_VALIDATE_FULL);
  arrow_side_close(&side);
  schema.release(&schema);
  want.release(&want);
  return t;
}

int main(int argc, char **argv) {
  double best = 1e9;
  struct totals t = {0, 0};
  if (argc != 3)
    die("usage: bench-arrow-decode full|bounds|read|one|codec FILE");
  struct mapped m = map_file(argv[2]);
  for (int i = 0; i < RUNS; i++) {
    double start = seconds();
    t = run(argv[1], &m);
    double took = seconds() - start;
    best = took < best ? took : best;
  }
  printf("%.6f %lld %lld %ld\n", best, (long long)t.rows, (long long)t.bytes, peak_megabytes());
  return 0;
}
