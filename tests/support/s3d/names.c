/* Names in listings: plain, or encoded as S3 does it when asked. */
#include "names.h"
#include "uri.h"

#include <string.h>

/* A space as +, a slash as it is. */
void names_put(struct xml *x, const char *element, const char *name, size_t n, bool url) {
  struct text out = {0};
  if (url) {
    uri_encode(&out, name, n, URI_PATH);
    char *to = out.data;
    for (const char *from = out.data; from && !out.failed && *from;) {
      bool space = strncmp(from, "%20", 3) == 0;
      *to++ = space ? '+' : *from;
      from += space ? 3 : 1;
    }
    if (to)
      *to = '\0';
  } else
    text_add(&out, name, n);
  x->failed |= out.failed;
  xml_text(x, element, out.data ? out.data : "");
  text_finish(&out);
}
