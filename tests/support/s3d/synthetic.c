/* A bucket of generated CSV objects: any number and size, always the same bytes, no file behind them. */
#include "synthetic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every row has ROW bytes, so that any offset is found by a division; the last row takes up what is left of the size.
 */
static const char header[] = "id,object,row,score,label,note\n";
enum { ROW = 64, HEADER = sizeof header - 1 };

void synthetic_key(uint64_t index, char *key, size_t size) {
  snprintf(key, size, "data/%05llu/part-%08llu.csv", (unsigned long long)(index / 1000), (unsigned long long)index);
}

bool synthetic_find(const char *key, uint64_t count, uint64_t *index) {
  char same[64];
  const char *number = strstr(key, "/part-");
  if (!number)
    return false;
  uint64_t i = strtoull(number + 6, NULL, 10);
  synthetic_key(i, same, sizeof same);
  if (i >= count || strcmp(same, key) != 0)
    return false;
  *index = i;
  return true;
}

static void put_digits(char *to, size_t width, uint64_t value) {
  while (width > 0) {
    to[--width] = (char)('0' + value % 10);
    value /= 10;
  }
}

/* A number that looks random but is always the same for the same row. */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/* 1iiiiiiiiiiii,1ooooooo o,1rrrrrrrr,0.ssssss,L,nnn: the leading 1 keeps the numbers free of leading zeros. */
static void put_row(char to[ROW], uint64_t object, uint64_t row, uint64_t rows) {
  uint64_t id = object * rows + row, random = mix(id + 1);
  memset(to, 'n', ROW);
  put_digits(to, 14, id + 10000000000000u);
  to[14] = ',';
  put_digits(to + 15, 9, object + 100000000u);
  to[24] = ',';
  put_digits(to + 25, 10, row + 1000000000u);
  to[35] = ',';
  to[36] = '0';
  to[37] = '.';
  put_digits(to + 38, 6, random % 1000000);
  to[44] = ',';
  to[45] = (char)('a' + (random >> 32) % 26);
  to[46] = ',';
  to[ROW - 1] = '\n';
}

/* The bytes of the row that covers `offset`; how many of them were written. */
static size_t read_row(uint64_t index, uint64_t size, uint64_t offset, char *to, size_t n) {
  uint64_t rows = (size - HEADER) / ROW, at = offset - HEADER, row = at / ROW, inside = at % ROW;
  char text[ROW];
  if (row < rows - 1 || rows * ROW == size - HEADER) {
    put_row(text, index, row, rows);
    size_t some = ROW - (size_t)inside < n ? ROW - (size_t)inside : n;
    memcpy(to, text + inside, some);
    return some;
  }
  uint64_t last = (rows - 1) * ROW, length = size - HEADER - last; /* the long last row */
  put_row(text, index, rows - 1, rows);
  uint64_t position = at - last;
  *to = position < ROW - 1 ? text[position] : (position == length - 1 ? '\n' : 'n');
  return 1;
}

void synthetic_read(uint64_t index, uint64_t object_size, uint64_t offset, char *to, size_t n) {
  while (n > 0) {
    size_t some = 0;
    if (offset < HEADER) {
      some = HEADER - (size_t)offset < n ? HEADER - (size_t)offset : n;
      memcpy(to, header + offset, some);
    } else
      some = read_row(index, object_size, offset, to, n);
    offset += some;
    to += some;
    n -= some;
  }
}
