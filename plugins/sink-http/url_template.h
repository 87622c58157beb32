/* URLs with {names} that are filled in, percent-encoded. */
#ifndef SINK_HTTP_URL_TEMPLATE_H
#define SINK_HTTP_URL_TEMPLATE_H
#include <sluice/arrow.h>

#define URL_STREAM "stream" /* the name that stands for the stream, not for a value of the record */

enum { URL_NAMES_MAX = 8, URL_MAX = 8000 /* bytes of a URL that is filled in */ };

struct url_template {
  char *text;                              /* the memory of all below; NULL: no URL */
  const char *literals[URL_NAMES_MAX + 1]; /* stand before, between and behind the values */
  const char *names[URL_NAMES_MAX];
  size_t count; /* of names */
};

/* CONFIG, with the option in err->where: a brace that is not closed, a name without characters, or a value where it
 * could lead the request to another server. */
int url_template_init(struct url_template *, const char *url, const char *option, struct sluice_error *err);
void url_template_finish(struct url_template *); /* takes a zeroed one */

/* Appends value `i` to the URL; any code but OK ends the filling with it. */
typedef int url_value_fn(void *context, size_t i, struct sluice_buffer *out);
/* Makes `out` the URL with its values, ended by NUL. DATA: longer than URL_MAX. */
int url_template_fill(const struct url_template *, url_value_fn *value, void *context, struct sluice_buffer *out);
/* Appends bytes, percent-encoded but for letters, digits and -._~ DATA: too many. */
int url_put_encoded(struct sluice_buffer *out, const void *bytes, size_t n);

#endif
