/* Test data, as zip archives. */
#include "packed.h"
#include <stdlib.h>
#include <zlib.h>

static void must(bool ok) {
  if (!ok)
    abort();
}

static void put(struct block *block, uint64_t value, int bytes) {
  uint8_t out[8];
  for (int i = 0; i < bytes; i++)
    out[i] = (uint8_t)(value >> (8 * i));
  block_add(block, out, (size_t)bytes);
}

static void deflate_raw(struct block *block, const void *bytes, size_t n) {
  z_stream z = {0};
  must(deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  size_t room = deflateBound(&z, n) + 64;
  uint8_t *out = malloc(room);
  must(out != NULL);
  z.next_in = (z_const Bytef *)bytes;
  z.avail_in = (uInt)n;
  z.next_out = out;
  z.avail_out = (uInt)room;
  must(deflate(&z, Z_FINISH) == Z_STREAM_END);
  block_add(block, out, room - z.avail_out);
  deflateEnd(&z);
  free(out);
}

struct placed { /* what the directory tells of a file */
  uint64_t header, packed;
  uint32_t crc;
};

static unsigned method_of(const struct zip_file *file) {
  return file->method ? file->method : file->stored ? 0 : 8;
}
static unsigned flags_of(const struct zip_file *file) {
  return file->flags | (file->descriptor ? 8u : 0);
}

/* What both headers have alike: from the version that is needed to the length of the name. */
static void put_common(struct block *block, const struct zip_file *file, uint32_t crc, uint64_t packed, uint64_t size) {
  put(block, 45, 2);
  put(block, flags_of(file), 2);
  put(block, method_of(file), 2);
  put(block, 0, 4);
  put(block, crc, 4);
  put(block, file->zip64 ? UINT32_MAX : packed, 4);
  put(block, file->zip64 ? UINT32_MAX : size, 4);
  put(block, strlen(file->name), 2);
}

static struct placed add_file(struct block *block, const struct zip_file *file) {
  struct block packed = {0};
  struct placed placed = {.header = block->size, .crc = (uint32_t)crc32_z(0, file->bytes, file->n)};
  if (file->stored)
    block_add(&packed, file->bytes, file->n);
  else
    deflate_raw(&packed, file->bytes, file->n);
  placed.packed = packed.size;
  block_add(block, "PK\3\4", 4);
  bool now = !file->descriptor;
  put_common(block, file, now ? placed.crc : 0, now ? packed.size : 0, now ? file->n : 0);
  put(block, 3, 2); /* extra: not even whole, which nobody minds here */
  block_add(block, file->name, strlen(file->name));
  block_add(block, "xyz", 3);
  block_add(block, packed.data, packed.size);
  if (file->descriptor) {
    block_add(block, "PK\7\10", 4);
    put(block, placed.crc, 4);
    put(block, packed.size, file->zip64 ? 8 : 4);
    put(block, file->n, file->zip64 ? 8 : 4);
  }
  block_free(&packed);
  return placed;
}

static void add_entry(struct block *block, const struct zip_file *file, const struct placed *placed) {
  block_add(block, "PK\1\2", 4);
  put(block, 45, 2);
  put_common(block, file, placed->crc, placed->packed, file->n);
  put(block, file->zip64 ? 5 + 28 : 0, 2);
  put(block, 2, 2); /* comment */
  put(block, 0, 8);
  put(block, file->zip64 ? UINT32_MAX : placed->header, 4);
  block_add(block, file->name, strlen(file->name));
  if (file->zip64) {
    block_add(block, "\x55\x54\x01\0\0\x01\0\x18\0", 9); /* another extra field before it */
    put(block, file->n, 8);
    put(block, placed->packed, 8);
    put(block, placed->header, 8);
  }
  block_add(block, "hi", 2);
}

void block_add_zip(struct block *block, const struct zip_file *files, size_t count) {
  struct placed placed[8];
  bool zip64 = count > 0 && files[0].zip64;
  must(count <= 8);
  for (size_t i = 0; i < count; i++)
    placed[i] = add_file(block, &files[i]);
  uint64_t start = block->size;
  for (size_t i = 0; i < count; i++)
    add_entry(block, &files[i], &placed[i]);
  uint64_t end = block->size;
  if (zip64) {
    block_add(block, "PK\6\6", 4);
    put(block, 44, 8);
    put(block, 45 | 45 << 16, 4);
    put(block, 0, 8); /* of disk 0 */
    put(block, count, 8);
    put(block, count, 8);
    put(block, end - start, 8);
    put(block, start, 8);
    block_add(block, "PK\6\7", 4);
    put(block, 0, 4);
    put(block, end, 8);
    put(block, 1, 4);
  }
  block_add(block, "PK\5\6", 4);
  put(block, 0, 4);
  put(block, zip64 ? 0xffff : count, 2);
  put(block, zip64 ? 0xffff : count, 2);
  put(block, zip64 ? UINT32_MAX : end - start, 4);
  put(block, zip64 ? UINT32_MAX : start, 4);
  put(block, 7, 2);
  block_add(block, "comment", 7);
}

void block_add_zip_one(struct block *block, const void *bytes, size_t n) {
  const struct zip_file file = {.name = "a.csv", .bytes = bytes, .n = n};
  block_add_zip(block, &file, 1);
}
