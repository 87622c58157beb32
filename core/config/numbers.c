/* Finds whole numbers that libconfig would cut silently. Not a parser: it only tells numbers from texts and comments.
 */
#include "core/config/read.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_*0123456789";

static const char *skip_string(const char *at) {
  for (at++; *at && *at != '"'; at++)
    if (*at == '\\' && at[1])
      at++;
  return *at ? at + 1 : at;
}

static const char *skip_comment(const char *at) {
  if (*at == '#' || at[1] == '/')
    return at + strcspn(at, "\n");
  const char *end = strstr(at + 2, "*/");
  return end ? end + 2 : at + strlen(at);
}

/* A number's letters: digits, or a hexadecimal number; 0 where it is a fraction or part of a name. */
static size_t integer_length(const char *at) {
  size_t sign = *at == '-' || *at == '+';
  bool hex = at[sign] == '0' && (at[sign + 1] == 'x' || at[sign + 1] == 'X');
  size_t digits = hex ? 2 + strspn(at + sign + 2, "0123456789abcdefABCDEF") : strspn(at + sign, "0123456789");
  if (digits == 0 || (!hex && at[sign + digits] && strchr(".eE", at[sign + digits])))
    return 0;
  return sign + digits;
}

static bool fits(const char *at, size_t n) {
  char copy[40], *end;
  if (n >= sizeof copy)
    return false;
  memcpy(copy, at, n);
  copy[n] = 0;
  bool hex = strpbrk(copy, "xX"), wide = at[n] == 'L';
  errno = 0;
  if (hex) {
    unsigned long long value = strtoull(copy, &end, 16);
    return !errno && (wide ? value <= INT64_MAX : value <= INT32_MAX);
  }
  long long value = strtoll(copy, &end, 10);
  return !errno && (wide || (value >= INT32_MIN && value <= INT32_MAX));
}

static const char *skip_number_rest(const char *at) {
  return at + strspn(at, "+-.0123456789ABCDEFabcdefLxX");
}

/* The end of what stands at `at`; NULL: a number that does not fit. */
static const char *step(const char *at, size_t *number) {
  *number = 0;
  if (*at == '"')
    return skip_string(at);
  if (*at == '#' || (*at == '/' && (at[1] == '/' || at[1] == '*')))
    return skip_comment(at);
  bool starts = strchr("+-0123456789", *at) != NULL;
  size_t n = starts ? integer_length(at) : 0;
  if (n > 0 && !fits(at, n)) {
    *number = n;
    return NULL;
  }
  if (starts)
    return skip_number_rest(at) > at ? skip_number_rest(at) : at + 1;
  size_t name = strspn(at, word);
  return name ? at + name + strspn(at + name, "-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_*0123456789")
              : at + 1;
}

bool numbers_fit(const char *text, int *line, char token[40]) {
  *line = 1;
  for (const char *at = text; *at;) {
    size_t number;
    const char *end = step(at, &number);
    if (!end) {
      snprintf(token, 40, "%.*s", number < 39 ? (int)number : 39, at);
      return false;
    }
    for (; at < end; at++)
      *line += *at == '\n';
  }
  return true;
}
