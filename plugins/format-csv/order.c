/* Dates in other orders than that of ISO 8601. */
#include "order.h"
#include <string.h>

static const struct {
  char mark;
  uint8_t year, month, day; /* place of each, from 0 */
} orders[CSV_ORDERS] = {
    {'/', 2, 1, 0}, {'/', 2, 0, 1}, {'.', 2, 1, 0}, {'.', 2, 0, 1},
    {'-', 2, 1, 0}, {'-', 2, 0, 1}, {'/', 0, 1, 2}, {'.', 0, 1, 2},
};

struct part {
  const char *text;
  size_t size;
};

static size_t count_digits(const char *p, const char *end) {
  size_t n = 0;
  while (p < end && (unsigned)(*p - '0') <= 9) {
    p++;
    n++;
  }
  return n;
}

static char *put(char *out, struct part part, size_t width) {
  for (size_t i = part.size; i < width; i++)
    *out++ = '0';
  memcpy(out, part.text, part.size);
  return out + part.size;
}

bool csv_order_rewrite(int order, const char *text, size_t n, char out[CSV_ORDER_TEXT], size_t *size) {
  const char *at = text, *end = text + n;
  struct part parts[3];
  if (n < 8 || n > CSV_ORDER_TEXT - 4)
    return false;
  for (int i = 0; i < 3; i++) {
    parts[i] = (struct part){at, count_digits(at, end)};
    at += parts[i].size;
    if (i < 2 && (at == end || *at++ != orders[order].mark))
      return false;
  }
  struct part year = parts[orders[order].year], month = parts[orders[order].month], day = parts[orders[order].day];
  if (year.size != 4 || month.size < 1 || month.size > 2 || day.size < 1 || day.size > 2)
    return false;
  if (at < end && *at != ' ' && *at != 'T')
    return false;
  char *to = put(out, year, 4);
  *to++ = '-';
  to = put(to, month, 2);
  *to++ = '-';
  to = put(to, day, 2);
  memcpy(to, at, (size_t)(end - at));
  *size = (size_t)(to - out) + (size_t)(end - at);
  return true;
}
