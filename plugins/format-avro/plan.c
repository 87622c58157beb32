/* Cuts a file into splits that begin behind sync markers. */
#include "file.h"

struct planning {
  struct avro_file file;
  struct sluice_splits *out;
  const char *where;
  struct sluice_error *err;
};

/* Whether what begins here is a block with the sync marker behind it, or the end of the file. */
static int is_block(struct planning *p, struct sluice_input *in, int64_t offset, bool *sound) {
  uint8_t head[AVRO_HEAD_MAX], sync[AVRO_SYNC];
  int64_t count, stored;
  size_t got = 0, used;
  int code = in->read_at(in, offset, head, sizeof head, &got, p->err);
  *sound = !code && got == 0;
  used = avro_block_head(head, got, &count, &stored);
  if (code || !used || count < 0 || stored < 0 || stored > in->size - offset)
    return code;
  code = in->read_at(in, offset + (int64_t)used + stored, sync, sizeof sync, &got, p->err);
  *sound = !code && got == sizeof sync && memcmp(sync, p->file.header.sync, sizeof sync) == 0;
  return code;
}

/* The first block that begins behind a byte; the input's size: none. */
static int find_block(struct planning *p, struct sluice_input *in, int64_t behind, int64_t *out) {
  struct avro_input w;
  bool sound = false;
  avro_input_init(&w, in, 4 * AVRO_CHUNK);
  int code = avro_input_seek(&w, behind, p->err);
  while (!code && !sound) {
    code = avro_block_find(&w, p->file.header.sync, w.offset - 1, p->err);
    if (!code)
      code = is_block(p, in, w.offset, &sound);
  }
  *out = code == SLUICE_END ? in->size : w.offset;
  avro_input_finish(&w);
  return code == SLUICE_END ? SLUICE_OK : code;
}

static int add(struct planning *p, int64_t begin, int64_t end, int64_t size) {
  const struct sluice_split split = {.begin.offset = begin, .end.offset = end, .rows = -1, .bytes = size};
  return p->out->add(p->out, &split, p->err);
}

static int plan(struct planning *p, struct sluice_input *in, int64_t split_bytes) {
  int64_t begin = p->file.header.size;
  while (in->size - begin > split_bytes + split_bytes / 2) {
    int64_t next;
    int code = find_block(p, in, begin + split_bytes, &next);
    if (!code && next >= in->size)
      break;
    if (!code)
      code = add(p, begin, next, next - begin);
    if (code)
      return code;
    begin = next;
  }
  return add(p, begin, 0, in->size - begin);
}

int avro_plan(void *self, struct sluice_input *in, const struct sluice_scan *scan, int64_t split_bytes,
              struct sluice_splits *out, struct sluice_error *err) {
  struct planning p = {.out = out, .where = scan && scan->part ? scan->part : "", .err = err};
  if (in->size < 0 || split_bytes <= 0)
    return SLUICE_OK;
  int code = avro_file_open(&p.file, self, in, p.where, err);
  if (code)
    return code;
  code = plan(&p, in, split_bytes);
  avro_file_close(&p.file);
  return sluice_fail(err, code, p.where, "it cannot be split");
}
