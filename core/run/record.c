/* One record as JSON text. */
#include "core/run/record.h"
#include "core/encode/encode.h"
#include "core/run/batch.h"

static int ignore(struct sluice_rejects *rejects, const struct sluice_reject *reject, struct sluice_error *err) {
  (void)rejects, (void)reject, (void)err;
  return SLUICE_OK;
}

int record_json(const struct ArrowSchema *schema, const struct ArrowArray *array, int64_t i, struct text *out,
                struct sluice_error *err) {
  const struct sluice_encode *encode = encode_service();
  struct sluice_rejects rejects = {ignore, NULL};
  struct sluice_encoded encoded = {0};
  struct sluice_batch batch;
  void *encoder = NULL;
  batch_init(&batch);
  batch.array = *array; /* borrowed: the encoder only reads */
  int code = encode->open("ndjson", NULL, schema, &encoder, err);
  if (!code)
    code = encode->encode(encoder, &batch, i, i + 1, &rejects, &encoded, err);
  size_t n = encoded.size && encoded.data[encoded.size - 1] == '\n' ? encoded.size - 1 : encoded.size;
  if (!code && n)
    code = text_append(out, encoded.data, n);
  encode->close(encoder);
  return code;
}
