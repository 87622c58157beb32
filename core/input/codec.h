/* One kind of compression, as decompress.c drives it. Private to core/input. */
#ifndef SLUICE_CORE_INPUT_CODEC_H
#define SLUICE_CORE_INPUT_CODEC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CODEC_MAGIC = 4 /* bytes that tell the kind */ };

struct codec_step {
  const uint8_t *in; /* moved past what was taken */
  size_t in_size;
  uint8_t *out; /* moved past what was made */
  size_t out_size;
  const char *cause; /* why, when the step returns false */
};
struct codec {
  const char *name;
  bool (*match)(const uint8_t *head, size_t n);
  void *(*open)(void); /* NULL: no memory */
  void (*close)(void *);
  /* Takes and makes what it can. It may be called with no input, to get what is held back. */
  bool (*step)(void *, struct codec_step *);
  bool (*complete)(const void *); /* the input may end here */
};
extern const struct codec codec_gzip, codec_zstd;

#endif
