/* Patterns are compiled to tokens, and matched by following all positions at once: no backtracking. */
#include "glob.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum token_kind {
  ONE,      /* this character */
  ANY,      /* ?, not '/' */
  SET,      /* [...], not '/' */
  STAR,     /* *, within a segment */
  DEEP,     /* **, anything */
  FOLDERS,  /* the `**` of "**" + "/": any number of whole segments; stands before ... */
  IN_FOLDER /* ... this one, where a segment has begun */
};
struct token {
  enum token_kind kind;
  uint32_t character;
  const char *set, *set_end; /* what is between the brackets */
};
struct glob {
  size_t count;
  char text[GLOB_MAX + 1];
  struct token tokens[];
};

/* The next character; a byte that is not UTF-8 stands for itself, above all others. */
static uint32_t next_character(const char **text) {
  const uint8_t *p = (const uint8_t *)*text;
  int more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : p[0] >= 0xc0 ? 1 : 0;
  uint32_t c = more ? p[0] & (0x3fu >> more) : p[0];
  for (int i = 1; i <= more; i++) {
    if ((p[i] & 0xc0) != 0x80) {
      more = 0;
      c = p[0];
      break;
    }
    c = c << 6 | (p[i] & 0x3f);
  }
  *text += 1 + more;
  return more == 0 && c >= 0x80 ? 0x110000 + c : c;
}

static uint32_t set_character(const char **p) {
  if (**p == '\\' && (*p)[1])
    ++*p;
  return next_character(p);
}

static bool in_set(const struct token *token, uint32_t c) {
  const char *p = token->set;
  bool negate = *p == '!' || *p == '^', found = false;
  if (negate)
    p++;
  while (p < token->set_end) {
    uint32_t low = set_character(&p), high = low;
    if (*p == '-' && p + 1 < token->set_end) {
      p++;
      high = set_character(&p);
    }
    found |= low <= c && c <= high;
  }
  return found != negate;
}

/* The bracket that ends the set whose inside starts at p; NULL: there is none. */
static const char *set_end(const char *p) {
  if (*p == '!' || *p == '^')
    p++;
  if (*p == ']')
    p++;
  for (; *p && *p != ']'; p++)
    if (*p == '\\' && p[1])
      p++;
  return *p ? p : NULL;
}

static const char *compile_stars(struct glob *glob, const char *p) {
  bool at_start = p == glob->text || p[-1] == '/';
  struct token *token = glob->tokens + glob->count++;
  if (p[1] != '*') {
    token->kind = STAR;
    return p + 1;
  }
  if (!at_start || p[2] != '/') {
    token->kind = DEEP;
    return p + 2;
  }
  token->kind = FOLDERS;
  glob->tokens[glob->count++].kind = IN_FOLDER;
  return p + 3;
}

static const char *compile_set(struct glob *glob, const char *p, const char **wrong) {
  const char *end = set_end(p + 1);
  if (!end) {
    *wrong = "'[' has no ']' (write \\[ for the character itself)";
    return NULL;
  }
  glob->tokens[glob->count++] = (struct token){.kind = SET, .set = p + 1, .set_end = end};
  return end + 1;
}

static const char *compile_one(struct glob *glob, const char *p, const char **wrong) {
  if (*p == '*')
    return compile_stars(glob, p);
  if (*p == '[')
    return compile_set(glob, p, wrong);
  if (*p == '?') {
    glob->tokens[glob->count++].kind = ANY;
    return p + 1;
  }
  struct token *token = glob->tokens + glob->count++;
  token->kind = ONE;
  token->character = set_character(&p);
  return p;
}

struct glob *glob_create(const char *pattern, const char **wrong) {
  size_t size = strlen(pattern);
  *wrong = size > GLOB_MAX ? "it is longer than 1,024 bytes" : NULL;
  if (*wrong)
    return NULL;
  struct glob *glob = calloc(1, sizeof *glob + size * sizeof(struct token));
  if (!glob)
    return NULL;
  memcpy(glob->text, pattern, size);
  for (const char *p = glob->text; p && *p && !*wrong;)
    p = compile_one(glob, p, wrong);
  if (!*wrong)
    return glob;
  glob_destroy(glob);
  return NULL;
}

void glob_destroy(struct glob *glob) {
  free(glob);
}

/* Positions that are reached without a character. */
static void follow_empty(const struct glob *glob, bool *at) {
  for (size_t i = 0; i < glob->count; i++) {
    enum token_kind kind = glob->tokens[i].kind;
    if (at[i] && (kind == STAR || kind == DEEP))
      at[i + 1] = true;
    if (at[i] && kind == FOLDERS)
      at[i + 2] = true;
  }
}

static void follow_character(const struct token *token, size_t i, uint32_t c, bool *to) {
  bool slash = c == '/';
  switch (token->kind) {
  case ONE:
    to[i + 1] |= c == token->character;
    break;
  case ANY:
    to[i + 1] |= !slash;
    break;
  case SET:
    to[i + 1] |= !slash && in_set(token, c);
    break;
  case STAR:
    to[i] |= !slash;
    break;
  case DEEP:
    to[i] = true;
    break;
  case FOLDERS:
    to[i + 1] |= !slash;
    break;
  case IN_FOLDER:
    to[slash ? i - 1 : i] = true;
    break;
  }
}

bool glob_match(const struct glob *glob, const char *path) {
  bool sets[2][GLOB_MAX + 1] = {{true}}, *at = sets[0], *to = sets[1];
  size_t bytes = (glob->count + 1) * sizeof *at;
  follow_empty(glob, at);
  while (*path) {
    uint32_t c = next_character(&path);
    memset(to, 0, bytes);
    for (size_t i = 0; i < glob->count; i++)
      if (at[i])
        follow_character(glob->tokens + i, i, c, to);
    follow_empty(glob, to);
    bool *swap = at;
    at = to;
    to = swap;
  }
  return at[glob->count];
}

bool glob_covers(const struct glob *glob, const char *folder) {
  return glob->count > 0 && glob->tokens[glob->count - 1].kind == DEEP && glob_match(glob, folder);
}
