/* What several kinds of compression share. */
#include "core/input/codec.h"

bool codec_no_memory(struct codec_step *step) {
  step->code = SLUICE_ERR_MEMORY;
  step->cause = "no memory";
  return false;
}

bool codec_is_skippable(const uint8_t *head, size_t n) {
  return n >= 4 && (head[0] & 0xf0) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18;
}
