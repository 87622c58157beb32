/* Bodies that are not what they should be. */
#include "garbage.h"
#include "text.h"

#include <string.h>

enum { DEEP = 100000, LONG = 16 << 20, BYTES = 100000 };

static void make_bytes(struct text *t) {
  unsigned x = 12345;
  for (int i = 0; i < BYTES; i++) {
    x = x * 1103515245u + 12345u;
    text_putc(t, (char)(x >> 16));
  }
}

static void make_html(struct text *t) {
  text_puts(t, "<!DOCTYPE html>\n<html><head><title>Sign in<br></head><body>Please sign in to the network.");
}

static void make_deep(struct text *t) {
  text_puts(t, "<ListBucketResult>");
  for (int i = 0; i < DEEP; i++)
    text_puts(t, "<a>");
}

/* Ten entities, each ten times the one before: gigabytes, when they are expanded. */
static void make_doctype(struct text *t) {
  text_puts(t, "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY e0 \"aaaaaaaaaa\">");
  for (int i = 1; i < 10; i++) {
    text_printf(t, "<!ENTITY e%d \"", i);
    for (int k = 0; k < 10; k++)
      text_printf(t, "&e%d;", i - 1);
    text_puts(t, "\">");
  }
  text_puts(t, "]><ListBucketResult><Name>&e9;</Name></ListBucketResult>");
}

static void make_text(struct text *t) {
  static const char block[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  text_puts(t, "<ListBucketResult><Contents><Key>");
  for (size_t i = 0; i < LONG / (sizeof block - 1); i++)
    text_puts(t, block);
  text_puts(t, "</Key></Contents></ListBucketResult>");
}

static void make_empty(struct text *t) {
  text_puts(t, "");
}

static const struct {
  const char *name;
  void (*make)(struct text *t);
} kinds[] = {{"bytes", make_bytes},     {"html", make_html}, {"deep", make_deep},
             {"doctype", make_doctype}, {"text", make_text}, {"empty", make_empty}};

static size_t find(const char *kind) {
  size_t i = 0;
  while (i < sizeof kinds / sizeof *kinds && strcmp(kinds[i].name, kind) != 0)
    i++;
  return i;
}

bool garbage_is_known(const char *kind) {
  return find(kind) < sizeof kinds / sizeof *kinds;
}

char *garbage_make(const char *kind, size_t *len) {
  struct text t = {0};
  kinds[find(kind)].make(&t);
  if (t.failed)
    text_finish(&t);
  *len = t.len;
  return t.data;
}
