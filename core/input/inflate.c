/* Deflate by ISA-L, which is about three times as fast as zlib. */
#include "core/input/inflate.h"

enum { CHUNK_MAX = 1 << 30 /* it counts in 32 bits */, IDLE_MAX = 4 };

static const char *cause_of(int rc) {
  switch (rc) {
  case ISAL_INVALID_BLOCK:
    return "invalid block";
  case ISAL_INVALID_SYMBOL:
    return "invalid symbol";
  case ISAL_INVALID_LOOKBACK:
    return "invalid distance too far back";
  case ISAL_INVALID_WRAPPER:
    return "incorrect header";
  case ISAL_UNSUPPORTED_METHOD:
    return "unknown compression method";
  case ISAL_INCORRECT_CHECKSUM:
    return "incorrect checksum";
  default:
    return "it makes no sense";
  }
}

void inflate_begin(struct inflate *inflate, uint32_t wrapper) {
  isal_inflate_init(&inflate->state);
  inflate->state.crc_flag = wrapper;
  inflate->at = inflate->high = inflate->idle = 0;
}

void inflate_again(struct inflate *inflate) {
  uint32_t wrapper = inflate->state.crc_flag;
  isal_inflate_reset(&inflate->state);
  inflate->state.crc_flag = wrapper;
}

bool inflate_some(struct inflate *inflate, struct codec_step *step) {
  struct inflate_state *state = &inflate->state;
  size_t in = step->in_size < CHUNK_MAX ? step->in_size : CHUNK_MAX;
  size_t out = step->out_size < CHUNK_MAX ? step->out_size : CHUNK_MAX;
  state->next_in = (uint8_t *)(uintptr_t)step->in; /* it does not write there */
  state->avail_in = (uint32_t)in;
  state->next_out = step->out;
  state->avail_out = (uint32_t)out;
  int rc = isal_inflate(state);
  step->cause = cause_of(rc);
  int64_t taken = (int64_t)in - (int64_t)state->avail_in; /* it gives back what it holds behind the end of a block */
  size_t made = out - state->avail_out;
  if (taken < -CODEC_BACK)
    return false;
  step->in += taken;
  step->in_size = (size_t)((int64_t)step->in_size - taken);
  step->out += made;
  step->out_size -= made;
  inflate->at += taken;
  inflate->idle = made || inflate->at > inflate->high ? 0 : inflate->idle + 1;
  inflate->high = inflate->at > inflate->high ? inflate->at : inflate->high;
  return rc == ISAL_DECOMP_OK && (step->in_size == 0 || inflate->idle < IDLE_MAX);
}

bool inflate_ended(const struct inflate *inflate) {
  return inflate->state.block_state == ISAL_BLOCK_FINISH;
}
