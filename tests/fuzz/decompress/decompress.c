/* Fuzz target of decompression: the first byte chooses the size of reads, the rest is the part. Reading in other pieces
 * gives the same content and the same end; what zlib makes of gzip data, ISA-L makes too. */
#include "core/input/input.h"
#include <stdlib.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONTENT_MAX = 1 << 18 /* what is read of a bomb */, MARGIN = 64, MARK = 0xa5 };

struct outcome {
  uint8_t *content;
  size_t size;
  bool packed;
  int status;
};

static void check(bool holds, const char *what) {
  if (holds)
    return;
  fprintf(stderr, "%s\n", what);
  abort();
}

static struct outcome read_all(const uint8_t *data, size_t size, size_t piece) {
  struct outcome all = {.content = malloc(CONTENT_MAX + MARGIN)};
  struct sluice_error err = {0};
  struct sluice_input memory, in;
  check(all.content && input_memory(data, size, &memory, &err) == SLUICE_OK, "no memory");
  all.status = input_decompress(&memory, "part", &in, &err);
  if (all.status != SLUICE_OK)
    in = memory;
  all.packed = in.size < 0;
  size_t got = piece;
  while (all.status == SLUICE_OK && got == piece && all.size + piece <= CONTENT_MAX) {
    memset(all.content + all.size + piece, MARK, MARGIN);
    all.status = in.read_at(&in, (int64_t)all.size, all.content + all.size, piece, &got, &err);
    for (size_t i = 0; i < MARGIN; i++) /* libraries that no sanitizer sees into may write there */
      check(all.content[all.size + piece + i] == MARK, "bytes behind the buffer were written");
    all.size += all.status == SLUICE_OK ? got : 0;
  }
  check(all.status == SLUICE_OK || err.message[0], "it fails without a word");
  check(all.status == SLUICE_OK || all.status == SLUICE_ERR_DATA || all.status == SLUICE_ERR_UNSUPPORTED,
        "it fails in a way that data cannot make");
#ifdef SLUICE_PLANTED_BUGS
  check(!all.packed || all.size < 100, "the planted bug"); /* where some content came out */
#endif
  in.release(&in);
  return all;
}

static void compare(const struct outcome *a, const struct outcome *b) {
  size_t size = a->size < b->size ? a->size : b->size;
  check(memcmp(a->content, b->content, size) == 0, "other pieces give other content");
  if (a->size + 100000 > CONTENT_MAX || b->size + 100000 > CONTENT_MAX)
    return; /* not read to the end */
  check(a->status == b->status, "other pieces end otherwise");
  check(a->status != SLUICE_OK || a->size == b->size, "other pieces give more");
}

/* One member alone: zlib must give the same, for what is right and what is not. */
static void compare_zlib(const uint8_t *data, size_t size, const struct outcome *ours) {
  z_stream z = {0};
  uint8_t *content = malloc(CONTENT_MAX);
  check(content && inflateInit2(&z, 16 + MAX_WBITS) == Z_OK, "no memory");
  z.next_in = (z_const Bytef *)data;
  z.avail_in = (uInt)size;
  z.next_out = content;
  z.avail_out = CONTENT_MAX;
  int rc = inflate(&z, Z_FINISH);
  size_t made = CONTENT_MAX - z.avail_out;
  if (rc == Z_STREAM_END && z.avail_in == 0 && made + 100000 < CONTENT_MAX) {
    check(ours->status == SLUICE_OK, "zlib reads what ISA-L refuses");
    check(ours->size == made && memcmp(ours->content, content, made) == 0, "zlib and ISA-L give other content");
  }
  if (rc == Z_DATA_ERROR && made + 100000 < CONTENT_MAX)
    check(ours->status != SLUICE_OK, "ISA-L reads what zlib refuses");
  inflateEnd(&z);
  free(content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const size_t pieces[] = {100000, 1, 7, 4096};
  if (size < 1)
    return 0;
  size_t piece = pieces[data[0] & 3];
  if (piece == 1 && size > 2000)
    piece = 64;
  data++;
  size--;
  struct outcome a = read_all(data, size, piece), b = read_all(data, size, 65536);
  check(a.packed == b.packed, "packed or not");
  compare(&a, &b);
  if (b.packed && size >= 3 && data[0] == 0x1f && size < UINT32_MAX)
    compare_zlib(data, size, &b);
  free(a.content);
  free(b.content);
  return 0;
}
