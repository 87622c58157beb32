/* JSON escaping of text, eight bytes at a time; text and base64 values. */
#include "core/encode/program.h"
#include <endian.h>

enum {
  PIECE = 16 * 1024
}; /* of a long text, so that room is asked for what it takes and not for the worst case of all */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The high bit of the lowest byte that needs an escape is exact; bits above it may be wrong. */
static uint64_t special(uint64_t x) {
  uint64_t quote = x ^ EACH('"'), back = x ^ EACH('\\');
  return (((x - EACH(0x20)) & ~x) | ((quote - EACH(1)) & ~quote) | ((back - EACH(1)) & ~back)) & EACH(0x80);
}

static char *escape_byte(uint8_t c, char *out) {
  static const char hex[] = "0123456789abcdef";
  static const char brief[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
  *out++ = '\\';
  char letter = c < 32 ? brief[c] : (char)c;
  if (letter) {
    *out++ = letter;
    return out;
  }
  memcpy(out, "u00", 3);
  out[3] = hex[c >> 4];
  out[4] = hex[c & 15];
  return out + 5;
}

/* The last n < 8 bytes in one word, filled up with spaces. */
static uint64_t load_rest(const uint8_t *text, size_t n) {
  uint64_t x = 0;
#ifdef SLUICE_PLANTED_BUGS
  if (n > 1 && text[0] == '\\' && text[1] == '"')
    n = 8; /* reads past the end, for the fuzz target to find */
#endif
  for (size_t i = n; i-- > 0;)
    x = x << 8 | text[i];
  return x | (n ? EACH(' ') << (8 * n) : EACH(' '));
}

size_t escape_json(const uint8_t *text, size_t n, char *out, uint64_t *high) {
  char *at = out;
  while (n > 0) {
    uint64_t x;
    size_t width = n < 8 ? n : 8;
    if (n < 8) {
      x = load_rest(text, n);
    } else {
      memcpy(&x, text, 8);
      x = le64toh(x);
    }
    uint64_t found = special(x), bytes = htole64(x);
    memcpy(at, &bytes, 8);
    *high |= x;
    size_t clean = found ? (size_t)__builtin_ctzll(found) >> 3 : width;
    at += clean;
    text += clean;
    n -= clean;
    if (!found)
      continue;
    at = escape_byte(*text++, at);
    n--;
  }
  return (size_t)(at - out);
}

/* Refuses text that is not UTF-8; `high` tells if it has any byte that could be wrong. */
static int check_text(struct encoder *e, const struct node *node, const uint8_t *text, size_t n, uint64_t high) {
  if (!(high & EACH(0x80)))
    return SLUICE_OK;
  size_t valid = sluice_utf8_valid(text, n);
  if (valid == n)
    return SLUICE_OK;
  char reason[80];
  snprintf(reason, sizeof reason, "text is not UTF-8 at its byte %zu (0x%02x)", valid, text[valid]);
  return encode_reject(e, node, reason);
}

int write_text(struct encoder *e, const struct node *node, const uint8_t *text, size_t n) {
  uint64_t high = 0;
  put_char(e, '"');
  for (size_t done = 0; done < n;) {
    size_t piece = n - done < PIECE ? n - done : PIECE;
    int rc = room_for(e, piece * 6);
    if (rc != SLUICE_OK)
      return rc;
    e->at += escape_json(text + done, piece, e->at, &high);
    done += piece;
  }
  put_char(e, '"');
  return check_text(e, node, text, n, high);
}

int write_quoted_again(struct encoder *e, size_t n) {
  size_t quotes = 0;
  char *start = e->at - n;
  for (size_t i = 0; i < n; i++)
    quotes += start[i] == '"';
  int rc = room_for(e, quotes + 2);
  if (rc != SLUICE_OK)
    return rc;
  start = e->at - n;
  char *to = start + n + quotes + 2;
  e->at = to;
  *--to = '"';
  for (size_t i = n; i-- > 0;) {
    *--to = start[i];
    if (start[i] == '"')
      *--to = '"';
  }
  *--to = '"';
  return SLUICE_OK;
}

static bool needs_quotes(const uint8_t *text, size_t n, uint64_t *high) {
  bool needs = n == 0; /* a cell without quotes is a null */
  for (size_t i = 0; i < n; i++) {
    needs |= text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    *high |= text[i];
  }
  return needs;
}

int write_cell_text(struct encoder *e, const struct node *node, const uint8_t *text, size_t n) {
  uint64_t high = 0;
  bool quotes = needs_quotes(text, n, &high);
  int rc = room_for(e, n);
  if (rc == SLUICE_OK)
    rc = check_text(e, node, text, n, high);
  if (rc != SLUICE_OK)
    return rc;
  if (n)
    put(e, (const char *)text, n);
  return quotes ? write_quoted_again(e, n) : SLUICE_OK;
}

static void base64_group(const uint8_t *bytes, size_t n, char *out) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned bits = (unsigned)bytes[0] << 16 | (n > 1 ? (unsigned)bytes[1] << 8 : 0) | (n > 2 ? bytes[2] : 0);
  out[0] = digits[bits >> 18];
  out[1] = digits[bits >> 12 & 63];
  out[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
  out[3] = n > 2 ? digits[bits & 63] : '=';
}

int write_base64(struct encoder *e, const uint8_t *bytes, size_t n) {
  if (n > SIZE_MAX / 2 - 4)
    return encode_reject(e, NULL, "binary value is too large");
  int rc = room_for(e, n / 3 * 4 + 4);
  if (rc != SLUICE_OK)
    return rc;
  for (size_t i = 0; i < n; i += 3, e->at += 4)
    base64_group(bytes + i, n - i, e->at);
  return SLUICE_OK;
}
