/* Keys and compression of one request. */
#include "request.h"
#include <stdlib.h>

void batch_mark_init(struct batch_mark *mark, const struct sluice_batch *batch, int64_t before) {
  mark->seq = batch->seq;
  mark->before = before;
  mark->first_row = batch->first_row;
  snprintf(mark->unit, sizeof mark->unit, "%s", SLUICE_HAS(batch, unit) ? batch->unit : "");
}

void request_destroy(struct request *request) {
  if (!request)
    return;
  body_finish(&request->body);
  keyset_finish(&request->keys);
  sluice_buffer_free(&request->url);
  sluice_buffer_free(&request->packed);
  free(request);
}

void request_key(const struct request *request, int64_t generation, char out[REQUEST_KEY_SIZE]) {
  struct sluice_batch batch = {
      .struct_size = sizeof batch, .first_row = request->mark.first_row, .unit = request->mark.unit};
  const struct body *body = &request->body;
  int n = 0;
  out[0] = 0;
  if (!request->mark.unit[0]) /* without it the keys of two units would be the same */
    return;
  if (generation > 0) /* a server that knows keys must take the records of the next full refresh too */
    n = snprintf(out, REQUEST_KEY_SIZE, "g%lld-", (long long)generation);
  sluice_batch_key(&batch, body_first(body), body_last(body), out + n);
}

bool request_has_body(const struct request *request) {
  return request->url.size == 0 || strcmp(request->place->method, "DELETE") != 0;
}

int request_pack(struct request *request, enum http_body kind, z_stream *zip) {
  size_t size = 0;
  const uint8_t *data = body_data(&request->body, kind, &size);
  request->packed.size = 0;
  if (size > UINT32_MAX || sluice_buffer_reserve(&request->packed, deflateBound(zip, size)) != SLUICE_OK)
    return SLUICE_ERR_MEMORY;
  deflateReset(zip);
  zip->next_in = (Bytef *)data; /* zlib only reads it */
  zip->avail_in = (uInt)size;
  zip->next_out = request->packed.data;
  size_t room = request->packed.capacity;
  zip->avail_out = room < UINT32_MAX ? (uInt)room : UINT32_MAX;
  if (deflate(zip, Z_FINISH) != Z_STREAM_END)
    return SLUICE_ERR_MEMORY;
  request->packed.size = zip->total_out;
  return SLUICE_OK;
}
