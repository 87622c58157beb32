/* An input that gives the text of another one as UTF-8, decoded by iconv. */
#include "recode.h"
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <strings.h>

enum { AHEAD = 64, NOT_UTF8 = 0xff };

struct csv_recode {
  struct sluice_input input;
  struct csv_window raw;
  iconv_t decoder;
  size_t unit;                /* bytes that are left out where they mean nothing */
  int64_t offset;             /* of what is given next */
  struct sluice_buffer ready; /* decoded, and not given yet: the caller had no room, or an error came between */
  bool broken;                /* what was decoded is lost, for want of memory */
};

const char *csv_recode_by_mark(const struct csv_window *window) {
  const uint8_t *p = csv_window_bytes(window);
  size_t n = csv_window_size(window);
  if (n >= 4 && memcmp(p, "\xff\xfe\0\0", 4) == 0)
    return "UTF-32LE";
  if (n >= 4 && memcmp(p, "\0\0\xfe\xff", 4) == 0)
    return "UTF-32BE";
  if (n >= 2 && memcmp(p, "\xff\xfe", 2) == 0)
    return "UTF-16LE";
  if (n >= 2 && memcmp(p, "\xfe\xff", 2) == 0)
    return "UTF-16BE";
  return NULL;
}

bool csv_recode_is_utf8(const char *encoding) {
  return strcasecmp(encoding, "utf-8") == 0 || strcasecmp(encoding, "utf8") == 0 ||
         strcasecmp(encoding, "us-ascii") == 0 || strcasecmp(encoding, "ascii") == 0;
}

/* Some spell names with signs that iconv does not have there: latin-1, cp_1252. */
static iconv_t open_squeezed(const char *encoding) {
  char name[48];
  size_t n = 0;
  for (const char *p = encoding; *p && n + 1 < sizeof name; p++)
    if (*p != '-' && *p != '_')
      name[n++] = *p;
  name[n] = 0;
  return iconv_open("UTF-8", name);
}

static int open_decoder(const char *encoding, iconv_t *out, struct sluice_error *err) {
  bool plain = encoding[0] && !strchr(encoding, '/'); /* behind a slash are wishes to iconv, to hide what is wrong */
  iconv_t decoder = plain ? iconv_open("UTF-8", encoding) : (iconv_t)-1;
  if (plain && decoder == (iconv_t)-1 && errno == EINVAL)
    decoder = open_squeezed(encoding);
  if (decoder == (iconv_t)-1 && plain && errno != EINVAL)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "encoding", "no memory to decode %.40s", encoding);
  if (decoder == (iconv_t)-1)
    return sluice_fail(err, SLUICE_ERR_CONFIG, "encoding",
                       "there is no encoding \"%.40s\"; take a name that `iconv -l` lists", encoding);
  *out = decoder;
  return SLUICE_OK;
}

int csv_recode_check(const char *encoding, struct sluice_error *err) {
  iconv_t decoder = (iconv_t)-1;
  int rc = open_decoder(encoding, &decoder, err);
  if (!rc)
    iconv_close(decoder);
  return rc;
}

static void take_ready(struct csv_recode *r, char **to, size_t *room) {
  size_t n = r->ready.size < *room ? r->ready.size : *room;
  if (n == 0)
    return;
  memcpy(*to, r->ready.data, n);
  memmove(r->ready.data, r->ready.data + n, r->ready.size - n);
  r->ready.size -= n;
  *to += n;
  *room -= n;
}

/* Decodes what is at hand, as far as the room goes; the cause why it stopped, 0: all is decoded. */
static int decode(struct csv_recode *r, char **to, size_t *room) {
  const char *bytes = (const char *)csv_window_bytes(&r->raw);
  char *from = (char *)(uintptr_t)bytes; /* iconv does not write there */
  size_t left = csv_window_size(&r->raw);
  int cause = iconv(r->decoder, &from, &left, to, room) == (size_t)-1 ? errno : 0;
  csv_window_skip(&r->raw, (size_t)(from - bytes));
  return cause;
}

/* The next character does not fit into what room there is. */
static int decode_ahead(struct csv_recode *r, struct sluice_error *err) {
  char some[AHEAD], *to = some;
  size_t room = sizeof some;
  if (sluice_buffer_reserve(&r->ready, sizeof some) != SLUICE_OK)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "encoding", "no memory to decode text");
  decode(r, &to, &room);
  return sluice_buffer_append(&r->ready, some, (size_t)(to - some));
}

/* Keeps what was decoded until the caller asks again. */
static void keep(struct csv_recode *r, const char *decoded, size_t n) {
  r->broken = n && sluice_buffer_append(&r->ready, decoded, n) != SLUICE_OK;
}

static void skip_broken(struct csv_recode *r, char **to, size_t *room) {
  size_t held = csv_window_size(&r->raw);
  csv_window_skip(&r->raw, held < r->unit ? held : r->unit);
  *(*to)++ = (char)NOT_UTF8;
  *room -= 1;
}

static int read_at(struct sluice_input *in, int64_t offset, void *buf, size_t n, size_t *got,
                   struct sluice_error *err) {
  struct csv_recode *r = in->private_data;
  char *to = buf;
  size_t room = n;
  if (offset != r->offset)
    return sluice_fail(err, SLUICE_ERR_BUG, "", "decoded text was read at byte %lld, and goes on at %lld",
                       (long long)offset, (long long)r->offset);
  if (r->broken)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "encoding", "no memory to decode text");
  while (room) {
    int rc = SLUICE_OK;
    take_ready(r, &to, &room);
    int cause = room ? decode(r, &to, &room) : 0;
    if (room == 0)
      break;
    if (cause == E2BIG)
      rc = decode_ahead(r, err);
    else if (cause == EILSEQ || (cause == EINVAL && r->raw.ended))
      skip_broken(r, &to, &room);
    else if (r->raw.ended && csv_window_size(&r->raw) == 0)
      break;
    else
      rc = csv_window_more(&r->raw, err);
    if (rc) {
      keep(r, buf, n - room);
      return rc;
    }
  }
  *got = (size_t)(to - (char *)buf);
  r->offset += (int64_t)*got;
  return SLUICE_OK;
}

int csv_recode_create(const char *encoding, struct csv_window *raw, struct csv_recode **out, struct sluice_error *err) {
  iconv_t decoder = (iconv_t)-1;
  int rc = open_decoder(encoding, &decoder, err);
  if (rc)
    return rc;
  struct csv_recode *r = calloc(1, sizeof *r);
  if (!r) {
    iconv_close(decoder);
    return sluice_fail(err, SLUICE_ERR_MEMORY, "encoding", "no memory to decode %.40s", encoding);
  }
  r->decoder = decoder;
  r->unit = strncasecmp(encoding, "utf-16", 6) == 0 ? 2 : strncasecmp(encoding, "utf-32", 6) == 0 ? 4 : 1;
  r->raw = *raw;
  *raw = (struct csv_window){0};
  r->input = (struct sluice_input){.size = -1, .read_at = read_at, .private_data = r};
  *out = r;
  return SLUICE_OK;
}

void csv_recode_destroy(struct csv_recode *r) {
  if (!r)
    return;
  iconv_close(r->decoder);
  csv_window_finish(&r->raw);
  sluice_buffer_free(&r->ready);
  free(r);
}

struct sluice_input *csv_recode_input(struct csv_recode *r) {
  return &r->input;
}
