/* Reads a glob into code. */
#include "list/glob.h"
#include "list/glob_code.h"
#include <sluice/arrow.h>
#include <stdlib.h>
#include <string.h>

/* A byte of a pattern makes at most so many steps: the two stars of a folder that may be absent make six of three. */
enum { STEPS_A_BYTE = 4, STEPS_EXTRA = 16, BRACES_MAX = 16 };

struct compiler {
  const unsigned char *at;
  struct glob_code *code;
  int braces;
  const char *why;
};

static uint32_t step(struct compiler *c, enum glob_op op, uint32_t x, uint32_t y) {
  c->code->steps[c->code->n_steps] = (struct glob_step){op, x, y};
  return (uint32_t)c->code->n_steps++;
}

static uint32_t here(const struct compiler *c) {
  return (uint32_t)c->code->n_steps;
}

/* ---- stars ---- */

static void repeat(struct compiler *c, enum glob_op op) {
  uint32_t split = step(c, GLOB_SPLIT, here(c) + 1, 0);
  step(c, op, 0, 0);
  step(c, GLOB_JUMP, split, 0);
  c->code->steps[split].y = here(c);
}

/* Any number of folders, each with its slash. */
static void folders(struct compiler *c) {
  uint32_t split = step(c, GLOB_SPLIT, here(c) + 1, 0);
  repeat(c, GLOB_ANY);
  step(c, GLOB_CHAR, '/', 0);
  c->code->steps[split].y = here(c);
}

static void stars(struct compiler *c, bool begins_segment) {
  size_t n = strspn((const char *)c->at, "*");
  c->at += n;
  if (n == 1) {
    repeat(c, GLOB_NAME);
  } else if (begins_segment && *c->at == '/') {
    c->at++;
    folders(c);
  } else {
    repeat(c, GLOB_ANY);
  }
}

/* ---- classes ---- */

static bool class_end(struct compiler *c, uint32_t *out) {
  if (*c->at == '\\')
    c->at++;
  if (!*c->at) {
    c->why = "a \"[\" has no \"]\"";
    return false;
  }
  *out = glob_character(&c->at);
  if (*out == '/')
    c->why = "a \"/\" is in brackets; no class matches it";
  return !c->why;
}

static bool class_range(struct compiler *c) {
  struct glob_range range;
  if (!class_end(c, &range.first))
    return false;
  range.last = range.first;
  if (c->at[0] == '-' && c->at[1] && c->at[1] != ']') {
    c->at++;
    if (!class_end(c, &range.last))
      return false;
    if (range.last < range.first)
      c->why = "a range in brackets runs backwards";
  }
  c->code->ranges[c->code->n_ranges++] = range;
  return !c->why;
}

static void class(struct compiler *c) {
  uint32_t first = (uint32_t)c->code->n_ranges;
  bool negated = *c->at == '!' || *c->at == '^';
  c->at += negated;
  do /* a bracket that comes first is one of the class */
    if (!class_range(c))
      return;
  while (*c->at && *c->at != ']');
  if (!*c->at) {
    c->why = "a \"[\" has no \"]\"";
    return;
  }
  c->at++;
  step(c, negated ? GLOB_UNCLASS : GLOB_CLASS, first, (uint32_t)c->code->n_ranges - first);
}

/* ---- sequences ---- */

static void sequence(struct compiler *c, bool begins_segment);

/* Each alternative ends with a jump to the end; until that is known, the jumps are chained by their x. */
static void braces(struct compiler *c, bool begins_segment) {
  uint32_t jumps = UINT32_MAX;
  if (++c->braces > BRACES_MAX) {
    c->why = "braces are nested too deep";
    return;
  }
  do {
    uint32_t split = step(c, GLOB_SPLIT, here(c) + 1, 0);
    sequence(c, begins_segment);
    if (c->why)
      return;
    jumps = step(c, GLOB_JUMP, jumps, 0);
    bool last = *c->at == '}';
    c->code->steps[split].y = last ? split + 1 : here(c);
  } while (*c->at++ == ',');
  while (jumps != UINT32_MAX) {
    uint32_t before = c->code->steps[jumps].x;
    c->code->steps[jumps].x = here(c);
    jumps = before;
  }
  c->braces--;
}

static void escaped(struct compiler *c) {
  if (!*c->at)
    c->why = "it ends in a backslash";
  else
    step(c, GLOB_CHAR, glob_character(&c->at), 0);
}

static void item(struct compiler *c, bool begins_segment) {
  uint32_t character = glob_character(&c->at);
  switch (character) {
  case '*':
    c->at--;
    stars(c, begins_segment);
    break;
  case '?':
    step(c, GLOB_NAME, 0, 0);
    break;
  case '[':
    class(c);
    break;
  case '{':
    braces(c, begins_segment);
    break;
  case '\\':
    escaped(c);
    break;
  default:
    step(c, GLOB_CHAR, character, 0);
  }
}

/* Up to the end of the pattern or, in braces, of the alternative. */
static void sequence(struct compiler *c, bool begins_segment) {
  while (*c->at && !c->why) {
    if (c->braces && (*c->at == ',' || *c->at == '}'))
      return;
    item(c, begins_segment);
    begins_segment = c->at[-1] == '/';
  }
  if (c->braces && !c->why)
    c->why = "a \"{\" has no \"}\"";
}

/* ---- whole patterns ---- */

static const char *allocate(struct glob_code *code, size_t n) {
#ifdef SLUICE_PLANTED_BUGS
  size_t ranges = 4;
#else
  size_t ranges = n;
#endif
  *code = (struct glob_code){.steps = calloc(n * STEPS_A_BYTE + STEPS_EXTRA, sizeof *code->steps),
                             .ranges = calloc(ranges, sizeof *code->ranges)};
  return code->steps && code->ranges ? NULL : "there is no memory for it";
}

const char *glob_compile(const char *pattern, struct glob_code *out) {
  struct glob_code code;
  size_t n = strlen(pattern);
  if (n == 0)
    return "it is empty";
  if (n > GLOB_SIZE_MAX)
    return "it is longer than 1000 bytes";
  if (sluice_utf8_valid(pattern, n) != n)
    return "it is not UTF-8 text";
  struct compiler c = {.at = (const unsigned char *)pattern, .code = &code};
  c.why = allocate(&code, n);
  if (!c.why) {
    if (!strchr(pattern, '/'))
      folders(&c);
    c.at += pattern[0] == '/';
    sequence(&c, true);
    step(&c, GLOB_MATCH, 0, 0);
  }
  if (c.why)
    glob_code_finish(&code);
  else
    *out = code;
  return c.why;
}

void glob_code_finish(struct glob_code *code) {
  free(code->steps);
  free(code->ranges);
  *code = (struct glob_code){.steps = NULL};
}

uint32_t glob_character(const unsigned char **at) {
  const unsigned char *s = *at;
  int more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : s[0] >= 0xc0 ? 1 : 0;
  uint32_t character = s[0];
  if (more)
    character &= 0x3fu >> more;
  for (int i = 1; i <= more; i++) {
    if ((s[i] & 0xc0) != 0x80) { /* cut short */
      *at = s + 1;
      return 0x110000u + s[0];
    }
    character = character << 6 | (s[i] & 0x3fu);
  }
  *at = s + 1 + more;
  return character;
}
