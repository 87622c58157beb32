/* Writes an XML document, on libxml2's writer. */
#include "xml.h"

#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const xmlChar *chars(const char *s) {
  return (const xmlChar *)s;
}

static void check(struct xml *x, int result) {
  x->failed |= result < 0;
}

void xml_init(struct xml *x, const char *root, const char *name_space) {
  *x = (struct xml){.buffer = xmlBufferCreateSize(4096)};
  x->writer = x->buffer ? xmlNewTextWriterMemory(x->buffer, 0) : NULL;
  x->failed = !x->writer;
  if (x->failed)
    return;
  xmlBufferSetAllocationScheme(x->buffer, XML_BUFFER_ALLOC_DOUBLEIT);
  check(x, xmlTextWriterStartDocument(x->writer, NULL, "UTF-8", NULL));
  xml_start(x, root);
  if (name_space)
    check(x, xmlTextWriterWriteAttribute(x->writer, chars("xmlns"), chars(name_space)));
}

void xml_start(struct xml *x, const char *name) {
  if (!x->failed)
    check(x, xmlTextWriterStartElement(x->writer, chars(name)));
}

void xml_end(struct xml *x) {
  if (!x->failed)
    check(x, xmlTextWriterEndElement(x->writer));
}

static size_t plain_run(const char *s) {
  size_t n = 0;
  while (s[n] && ((unsigned char)s[n] >= 0x20 || s[n] == '\t' || s[n] == '\n'))
    n++;
  return n;
}

/* As S3 does, control characters are written as references, which XML 1.0 does not allow: readers must ask for
 * encoding-type=url. */
static void write_value(struct xml *x, const char *value) {
  while (*value && !x->failed) {
    size_t n = plain_run(value);
    char *run = n > 0 ? strndup(value, n) : NULL;
    if (n > 0) {
      check(x, run ? xmlTextWriterWriteString(x->writer, chars(run)) : -1);
      free(run);
    } else {
      check(x, xmlTextWriterWriteFormatRaw(x->writer, "&#x%x;", (unsigned)(unsigned char)*value));
      n = 1;
    }
    value += n;
  }
}

void xml_text(struct xml *x, const char *name, const char *value) {
  xml_start(x, name);
  if (!x->failed)
    write_value(x, value);
  xml_end(x);
}

void xml_number(struct xml *x, const char *name, uint64_t value) {
  char digits[24];
  snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
  xml_text(x, name, digits);
}

char *xml_take(struct xml *x, size_t *len) {
  char *text = NULL;
  if (!x->failed)
    check(x, xmlTextWriterEndDocument(x->writer));
  if (x->writer)
    xmlFreeTextWriter(x->writer);
  if (!x->failed)
    text = strndup((const char *)xmlBufferContent(x->buffer), (size_t)xmlBufferLength(x->buffer));
  if (text)
    *len = strlen(text);
  if (x->buffer)
    xmlBufferFree(x->buffer);
  *x = (struct xml){.failed = true};
  return text;
}
