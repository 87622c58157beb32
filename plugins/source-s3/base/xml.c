/* A bounded, chunk-fed XML reader on expat. */
#include "base/xml.h"
#include "base/charref.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { STEP = 16 << 10, START_SIZE = 16 };
static const char page_reason[] = "the answer is a web page, from a proxy or a wrong endpoint";

struct xml {
  XML_Parser parser;
  struct xml_handler handler;
  void *context;
  struct text text;
  uint64_t fed;
  int depth;
  const char *reason;
  bool refused, doctype, page;
  char start[START_SIZE]; /* the first bytes, without blanks before them */
  size_t started;
  struct charref reference;
  char clean[STEP + CHARREF_MAX];
};

static void refuse(struct xml *xml, const char *reason) {
  if (!xml->refused)
    xml->reason = reason;
  xml->refused = true;
  XML_StopParser(xml->parser, XML_FALSE);
}

static void refuse_page(struct xml *xml) {
  xml->page = !xml->refused;
  refuse(xml, page_reason);
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes) {
  struct xml *xml = user;
  (void)attributes;
  if (xml->refused)
    return;
  if (xml->depth == 0 && strcasecmp(name, "html") == 0) {
    refuse_page(xml);
    return;
  }
  if (xml->depth >= XML_DEPTH_MAX) {
    refuse(xml, "elements are nested too deep");
    return;
  }
  text_clear(&xml->text);
  const char *reason = xml->handler.start(xml->context, ++xml->depth, name);
  if (reason)
    refuse(xml, reason);
}

static void XMLCALL on_end(void *user, const XML_Char *name) {
  struct xml *xml = user;
  if (xml->refused)
    return;
  const char *reason = xml->handler.end(xml->context, xml->depth--, name, &xml->text);
  text_clear(&xml->text);
  if (reason)
    refuse(xml, reason);
}

static void XMLCALL on_text(void *user, const XML_Char *bytes, int n) {
  struct xml *xml = user;
  if (xml->refused)
    return;
  text_add(&xml->text, bytes, (size_t)n);
  if (xml->text.failed)
    refuse(xml, "a text is too long");
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid,
                               int has_internal) {
  (void)sysid, (void)pubid, (void)has_internal;
  struct xml *xml = user;
  xml->doctype = !xml->refused;
  if (strcasecmp(name, "html") == 0)
    refuse_page(xml);
  else
    refuse(xml, "it has a document type declaration");
}

struct xml *xml_create(const struct xml_handler *handler, void *context) {
  struct xml *xml = calloc(1, sizeof *xml);
  if (!xml)
    return NULL;
  xml->parser = XML_ParserCreate(NULL);
  if (!xml->parser) {
    free(xml);
    return NULL;
  }
  xml->handler = *handler;
  xml->context = context;
  xml->text.limit = XML_TEXT_MAX;
  xml->reason = "";
  XML_SetUserData(xml->parser, xml);
  XML_SetElementHandler(xml->parser, on_start, on_end);
  XML_SetCharacterDataHandler(xml->parser, on_text);
  XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
  return xml;
}

void xml_destroy(struct xml *xml) {
  if (!xml)
    return;
  XML_ParserFree(xml->parser);
  text_finish(&xml->text);
  free(xml);
}

/* HTML is mostly no XML. */
static bool starts_as_page(const struct xml *xml) {
  static const char *const starts[] = {"<!doctype", "<html"};
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
    if (xml->started >= strlen(starts[i]) && strncasecmp(xml->start, starts[i], strlen(starts[i])) == 0)
      return true;
  return false;
}

static enum xml_result failed(struct xml *xml) {
  if (xml->refused)
    return xml->page || xml->doctype ? XML_GARBLED : XML_REFUSED;
  xml->page = starts_as_page(xml);
  xml->reason = xml->page ? page_reason : XML_ErrorString(XML_GetErrorCode(xml->parser));
  return XML_GARBLED;
}

/* One token that goes on and on would be scanned again with each chunk, and held whole by expat. */
static bool token_too_long(const struct xml *xml) {
  XML_Index parsed = XML_GetCurrentByteIndex(xml->parser);
  return parsed >= 0 && xml->fed - (uint64_t)parsed > XML_TOKEN_MAX;
}

static enum xml_result parse(struct xml *xml, size_t n, int is_final) {
  if (XML_Parse(xml->parser, xml->clean, (int)n, is_final) != XML_STATUS_OK)
    return failed(xml);
  xml->fed += n;
  if (!token_too_long(xml))
    return XML_GOOD;
  xml->reason = "one tag or name is too long";
  xml->refused = true;
  return XML_REFUSED;
}

static void keep_start(struct xml *xml, const char *bytes, size_t n) {
  for (size_t i = 0; i < n && xml->started < START_SIZE; i++)
    if (xml->started || !strchr(" \t\r\n\xef\xbb\xbf", bytes[i]))
      xml->start[xml->started++] = bytes[i];
}

enum xml_result xml_feed(struct xml *xml, const void *bytes, size_t n) {
  const char *next = bytes;
  keep_start(xml, next, n);
  enum xml_result result = xml->refused ? XML_REFUSED : XML_GOOD;
  while (n && result == XML_GOOD) {
    size_t step = n < STEP ? n : STEP;
    result = parse(xml, charref_filter(&xml->reference, next, step, xml->clean), XML_FALSE);
    next += step;
    n -= step;
  }
  return result;
}

enum xml_result xml_end(struct xml *xml) {
  return xml->refused ? XML_REFUSED : parse(xml, charref_end(&xml->reference, xml->clean), XML_TRUE);
}

bool xml_replaced(const struct xml *xml) {
  return xml->reference.replaced;
}

bool xml_is_page(const struct xml *xml) {
  return xml->page;
}

const char *xml_reason(const struct xml *xml) {
  return xml->reason;
}
