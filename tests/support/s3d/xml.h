/* Writes an XML document, on libxml2's writer. A failure sticks and shows in xml_take. */
#ifndef S3D_XML_H
#define S3D_XML_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct _xmlTextWriter;
struct _xmlBuffer;
struct xml {
  struct _xmlTextWriter *writer;
  struct _xmlBuffer *buffer;
  bool failed;
};

#define XML_S3 "http://s3.amazonaws.com/doc/2006-03-01/"
#define XML_STS "https://sts.amazonaws.com/doc/2011-06-15/"

/* Starts a document with its root element; the name space may be NULL. */
void xml_init(struct xml *x, const char *root, const char *name_space);
void xml_start(struct xml *x, const char *name);
void xml_end(struct xml *x);
void xml_text(struct xml *x, const char *name, const char *value);
void xml_number(struct xml *x, const char *name, uint64_t value);
/* Ends the document and gives it as text of malloc; NULL when something failed. */
char *xml_take(struct xml *x, size_t *len);
#endif
