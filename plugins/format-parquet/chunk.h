/* What a row group says of its column chunks. */
#ifndef PQ_CHUNK_H
#define PQ_CHUNK_H
#include "footer.h"

enum pq_codec { PQ_PLAIN_CODEC, PQ_SNAPPY, PQ_GZIP, PQ_LZO, PQ_BROTLI, PQ_LZ4, PQ_ZSTD, PQ_LZ4_RAW };

struct pq_statistics {
  struct pq_slice old_min, old_max, min, max; /* old: the deprecated fields, of signed order */
  int64_t nulls, distinct;                    /* -1: not told */
  bool min_exact, max_exact;                  /* as told; false also where nothing is */
};
struct pq_chunk {
  int32_t type, codec;
  uint32_t encodings; /* 1 << encoding, or'ed */
  int64_t values, compressed, uncompressed;
  int64_t data_at, dictionary_at; /* in the file; dictionary_at: 0 none told */
  int64_t bloom_at, bloom_size, column_index_at, column_index_size, offset_index_at, offset_index_size;
  struct pq_statistics statistics;
  struct pq_slice file; /* another file that has the data */
  bool encrypted, found;
};

/* Of all leaves of a row group, in their order; out has room for f->n_leaves. */
pq_fault pq_chunks_read(const struct pq_footer *f, int32_t group, struct pq_chunk *out);
void pq_statistics_read(struct pq_thrift *t, uint8_t type, struct pq_statistics *out);
const char *pq_codec_name(int32_t codec);
const char *pq_encoding_name(int32_t encoding);
const char *pq_type_name(int32_t type);

#endif
