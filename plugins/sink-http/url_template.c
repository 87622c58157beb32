/* Splits URL templates, and fills them. */
#include "url_template.h"
#include <stdlib.h>

/* The first byte behind scheme and server. */
static size_t server_end(const char *url) {
  const char *scheme = strstr(url, "://");
  size_t start = scheme ? (size_t)(scheme - url) + 3 : 0;
  return start + strcspn(url + start, "/?#");
}

static int bad(const char *option, const char *what, struct sluice_error *err) {
  return sluice_fail(err, SLUICE_ERR_CONFIG, option, "%s; write a value as {name}, and a brace itself as %%7B", what);
}

/* Cuts the text at its braces, in place. */
static int split(struct url_template *template, const char *option, struct sluice_error *err) {
  char *at = template->text;
  template->literals[0] = at;
  for (at = strpbrk(at, "{}"); at; at = strpbrk(at, "{}")) {
    char *end = *at == '{' ? strpbrk(at + 1, "{}") : NULL;
    if (!end || *end != '}' || end == at + 1)
      return bad(option, "the URL has a brace without its pair, or without a name in it", err);
    if (template->count == URL_NAMES_MAX)
      return bad(option, "the URL has more than 8 values", err);
    *at = *end = 0;
    template->names[template->count++] = at + 1;
    at = end + 1;
    template->literals[template->count] = at;
  }
  return SLUICE_OK;
}

int url_template_init(struct url_template *template, const char *url, const char *option, struct sluice_error *err) {
  *template = (struct url_template){.text = NULL};
  size_t first = strcspn(url, "{}");
  if (url[first] && first < server_end(url))
    return bad(option, "the URL has a brace in its server's name; values may stand behind that only", err);
  if (url[first] && strchr(url, '#'))
    return bad(option, "the URL has a brace and a #, behind which nothing is sent", err);
  template->text = strdup(url);
  if (!template->text)
    return sluice_fail(err, SLUICE_ERR_MEMORY, option, "no memory");
  int status = split(template, option, err);
  if (status != SLUICE_OK)
    url_template_finish(template);
  return status;
}

void url_template_finish(struct url_template *template) {
  free(template->text);
  *template = (struct url_template){.text = NULL};
}

int url_template_fill(const struct url_template *template, url_value_fn *value, void *context,
                      struct sluice_buffer *out) {
  out->size = 0;
  int status = sluice_buffer_append(out, template->literals[0], strlen(template->literals[0]));
  for (size_t i = 0; i < template->count && status == SLUICE_OK; i++) {
    const char *literal = template->literals[i + 1];
    status = value(context, i, out);
    if (status == SLUICE_OK)
      status = sluice_buffer_append(out, literal, strlen(literal));
  }
  if (status == SLUICE_OK)
    status = sluice_buffer_append(out, "", 1);
  return status == SLUICE_OK && out->size > URL_MAX ? SLUICE_ERR_DATA : status;
}

static bool is_plain(uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

int url_put_encoded(struct sluice_buffer *out, const void *bytes, size_t n) {
  static const char digits[] = "0123456789ABCDEF";
  const uint8_t *in = bytes;
  int status = n > URL_MAX ? SLUICE_ERR_DATA : sluice_buffer_reserve(out, 3 * n);
  for (size_t i = 0; i < n && status == SLUICE_OK; i++) {
    if (is_plain(in[i])) {
      out->data[out->size++] = in[i];
      continue;
    }
    out->data[out->size++] = '%';
    out->data[out->size++] = (uint8_t)digits[in[i] >> 4];
    out->data[out->size++] = (uint8_t)digits[in[i] & 15];
  }
  return status;
}
