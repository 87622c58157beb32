/* Fills {stream} in, and leaves the values of records for each of them. */
#include "stream_places.h"

static bool is_stream(const char *name) {
  return strcmp(name, URL_STREAM) == 0;
}

bool stream_places_need_record(const struct endpoint *place) {
  for (size_t i = 0; i < place->url.count; i++)
    if (!is_stream(place->url.names[i]))
      return true;
  return false;
}

static bool names_stream(const struct endpoint *place) {
  size_t i = 0;
  while (i < place->url.count && !is_stream(place->url.names[i]))
    i++;
  return i < place->url.count;
}

struct value {
  const struct url_template *url;
  const char *stream;
};
static int put_value(void *context, size_t i, struct sluice_buffer *out) {
  const struct value *value = context;
  const char *name = value->url->names[i];
  if (is_stream(name))
    return url_put_encoded(out, value->stream, strlen(value->stream));
  int status = sluice_buffer_append(out, "{", 1);
  if (status == SLUICE_OK)
    status = sluice_buffer_append(out, name, strlen(name));
  return status == SLUICE_OK ? sluice_buffer_append(out, "}", 1) : status;
}

static int fill(const struct endpoint *from, const char *stream, struct endpoint *out, struct sluice_error *err) {
  struct value value = {&from->url, stream};
  struct sluice_buffer text = {.data = NULL};
  *out = (struct endpoint){.option = from->option, .method = from->method};
  int status = url_template_fill(&from->url, put_value, &value, &text);
  if (status == SLUICE_OK)
    status = url_template_init(&out->url, (const char *)text.data, from->option, err);
  if (status == SLUICE_OK && !endpoint_show((const char *)text.data, out->name, sizeof out->name))
    status = SLUICE_ERR_MEMORY;
  sluice_buffer_free(&text);
  if (status == SLUICE_ERR_DATA)
    return sluice_fail(err, SLUICE_ERR_CONFIG, from->option, "with stream \"%s\" the URL is too long", stream);
  return sluice_fail(err, status, from->option, "no memory");
}

int stream_places_init(struct stream_places *places, const struct target *target, const char *stream,
                       struct sluice_error *err) {
  int status = SLUICE_OK;
  *places = (struct stream_places){.records = {NULL}};
  for (int op = 0; op < 3 && status == SLUICE_OK; op++) {
    places->records[op] = target->records[op];
    if (!places->records[op] || !names_stream(places->records[op]))
      continue;
    status = fill(target->records[op], stream, &places->filled[op], err);
    places->records[op] = &places->filled[op];
  }
  if (status != SLUICE_OK)
    stream_places_finish(places);
  return status;
}

void stream_places_finish(struct stream_places *places) {
  for (int op = 0; op < 3; op++)
    endpoint_finish(&places->filled[op]);
}
