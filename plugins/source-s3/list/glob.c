/* Matches keys with globs: all states that the code can be in go through the key side by side. */
#include "list/glob.h"
#include "list/glob_code.h"
#include <stdlib.h>
#include <string.h>

struct states { /* where the code may be */
  uint32_t *at;
  size_t count;
};
struct glob {
  struct glob_code code;
  struct states now, next;
  uint32_t *stack;
  uint64_t *seen; /* the round in which a step was last reached */
  uint64_t round;
};

struct glob *glob_create(const char *pattern, const char **why) {
  struct glob *glob = calloc(1, sizeof *glob);
  *why = glob ? glob_compile(pattern, &glob->code) : "there is no memory for it";
  if (*why) {
    free(glob);
    return NULL;
  }
  size_t n = glob->code.n_steps;
  glob->now.at = calloc(n, sizeof *glob->now.at);
  glob->next.at = calloc(n, sizeof *glob->next.at);
  glob->stack = calloc(n, sizeof *glob->stack);
  glob->seen = calloc(n, sizeof *glob->seen);
  if (!glob->now.at || !glob->next.at || !glob->stack || !glob->seen) {
    *why = "there is no memory for it";
    glob_destroy(glob);
    return NULL;
  }
  return glob;
}

void glob_destroy(struct glob *glob) {
  if (!glob)
    return;
  glob_code_finish(&glob->code);
  free(glob->now.at);
  free(glob->next.at);
  free(glob->stack);
  free(glob->seen);
  free(glob);
}

static size_t push(struct glob *glob, size_t n, uint32_t at) {
  if (glob->seen[at] == glob->round)
    return n;
  glob->seen[at] = glob->round;
  glob->stack[n] = at;
  return n + 1;
}

/* Adds a step, or those that it leads to without a character. */
static void reach(struct glob *glob, struct states *states, uint32_t at) {
  size_t n = push(glob, 0, at);
  while (n) {
    at = glob->stack[--n];
    const struct glob_step *step = &glob->code.steps[at];
    if (step->op == GLOB_JUMP) {
      n = push(glob, n, step->x);
    } else if (step->op == GLOB_SPLIT) {
      n = push(glob, n, step->x);
      n = push(glob, n, step->y);
    } else {
      states->at[states->count++] = at;
    }
  }
}

static bool in_class(const struct glob_code *code, const struct glob_step *step, uint32_t character) {
  for (uint32_t i = step->x; i < step->x + step->y; i++)
    if (character >= code->ranges[i].first && character <= code->ranges[i].last)
      return true;
  return false;
}

static bool takes(const struct glob_code *code, const struct glob_step *step, uint32_t character) {
  switch (step->op) {
  case GLOB_CHAR:
    return character == step->x;
  case GLOB_ANY:
    return true;
  case GLOB_NAME:
    return character != '/';
  case GLOB_CLASS:
    return in_class(code, step, character);
  case GLOB_UNCLASS:
    return character != '/' && !in_class(code, step, character);
  default:
    return false;
  }
}

static void advance(struct glob *glob, uint32_t character) {
  struct states before = glob->now;
  glob->round++;
  glob->next.count = 0;
  for (size_t i = 0; i < before.count; i++)
    if (takes(&glob->code, &glob->code.steps[before.at[i]], character))
      reach(glob, &glob->next, before.at[i] + 1);
  glob->now = glob->next;
  glob->next = before;
}

bool glob_match(struct glob *glob, const char *key) {
  const unsigned char *at = (const unsigned char *)key;
  glob->round++;
  glob->now.count = 0;
  reach(glob, &glob->now, 0);
  while (*at && glob->now.count)
    advance(glob, glob_character(&at));
  for (size_t i = 0; i < glob->now.count; i++)
    if (glob->code.steps[glob->now.at[i]].op == GLOB_MATCH)
      return true;
  return false;
}
