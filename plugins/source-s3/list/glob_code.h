/* What a glob is compiled to: a small machine without backtracking. */
#ifndef S3_GLOB_CODE_H
#define S3_GLOB_CODE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum glob_op {
  GLOB_CHAR,  /* x: the character */
  GLOB_NAME,  /* any but a slash */
  GLOB_ANY,   /* any */
  GLOB_CLASS, /* x: its first range, y: how many */
  GLOB_UNCLASS,
  GLOB_SPLIT, /* go on at x and at y */
  GLOB_JUMP,  /* go on at x */
  GLOB_MATCH
};
struct glob_step {
  enum glob_op op;
  uint32_t x, y;
};
struct glob_range {
  uint32_t first, last;
};
struct glob_code { /* zeroed is empty */
  struct glob_step *steps;
  size_t n_steps;
  struct glob_range *ranges;
  size_t n_ranges;
};

/* NULL: compiled. Else what is wrong. */
const char *glob_compile(const char *pattern, struct glob_code *out);
void glob_code_finish(struct glob_code *code);
/* The character at *at, which is moved behind it; a byte that is no UTF-8 is a character of its own. */
uint32_t glob_character(const unsigned char **at);

#endif
