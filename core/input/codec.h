/* One kind of compression, as decompress.c drives it. Private to core/input. */
#ifndef SLUICE_CORE_INPUT_CODEC_H
#define SLUICE_CORE_INPUT_CODEC_H
#include <sluice/sdk.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CODEC_MAGIC = 10 /* bytes that tell the kind */, CODEC_BACK = 8 };

struct codec_step {
  const uint8_t *in; /* moved past what was taken; or back, by CODEC_BACK bytes at most that earlier steps took */
  size_t in_size;
  uint8_t *out; /* moved past what was made */
  size_t out_size;
  const char *cause; /* why, when the step returns false; it lives as long as the state */
  int code;          /* then too: DATA when the step begins, MEMORY where that is why */
};
struct codec {
  const char *name;
  bool (*match)(const uint8_t *head, size_t n);
  void *(*open)(void); /* NULL: no memory */
  void (*close)(void *);
  /* Takes and makes what it can. It may be called with no input, to get what is held back. */
  bool (*step)(void *, struct codec_step *);
  bool (*complete)(const void *); /* the input may end here */
  /* May be NULL: the data is the whole input. Else tells where in the input it lies. */
  int (*locate)(void *, struct sluice_input *, const char *part, struct sluice_range *out, struct sluice_error *err);
};
extern const struct codec codec_gzip, codec_zstd, codec_bzip2, codec_xz, codec_lz4, codec_snappy, codec_zip;

/* Where data of several members stands, one behind the other. */
enum codec_stage { CODEC_IN_MEMBER, CODEC_BETWEEN, CODEC_PADDING };

bool codec_no_memory(struct codec_step *); /* false, with the cause */
/* Of zstd and lz4 alike: 4 bytes of magic, then the size. */
bool codec_is_skippable(const uint8_t *head, size_t n);

#endif
