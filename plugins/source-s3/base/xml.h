/* A bounded, chunk-fed XML reader on expat: depth, text and token sizes are capped, document types are refused. */
#ifndef S3_XML_H
#define S3_XML_H
#include "base/text.h"
#include <expat.h>

enum { XML_DEPTH_MAX = 16, XML_TEXT_MAX = 16 << 10, XML_TOKEN_MAX = 64 << 10 };
enum xml_result {
  XML_GOOD,
  XML_GARBLED, /* no XML, or cut short: worth another try */
  XML_REFUSED  /* what no honest server sends */
};

struct xml;
struct xml_handler {
  /* depth of the root is 1; a start may return a reason to stop, for people */
  const char *(*start)(void *context, int depth, const char *name);
  const char *(*end)(void *context, int depth, const char *name,
                     const struct text *text); /* text of this element alone */
};

struct xml *xml_create(const struct xml_handler *handler, void *context); /* NULL: no memory */
void xml_destroy(struct xml *xml);                                        /* takes NULL */
enum xml_result xml_feed(struct xml *xml, const void *bytes, size_t n);
enum xml_result xml_end(struct xml *xml);
bool xml_replaced(const struct xml *xml); /* did it refer to characters that XML 1.0 forbids? They are U+FFFD now */
bool xml_is_page(const struct xml *xml);  /* HTML: from something between us and the service, or from another server */
const char *xml_reason(const struct xml *xml); /* why the last call was not XML_GOOD */

#endif
