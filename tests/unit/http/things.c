/* Batches of things with the real encoder. Their ids need care in URLs, in JSON and in CSV. */
#include "things.h"
#include "cmocka_all.h"
#include "core/encode/encode.h"
#include <sluice/arrow.h>
#include <stdlib.h>

static struct ArrowSchema schema;

const struct ArrowSchema *things_schema(void) {
  if (!schema.release) {
    assert_int_equal(sluice_schema_nested(&schema, "+s", "", 0, 2), SLUICE_OK);
    assert_int_equal(sluice_schema_init(schema.children[0], "u", "id", ARROW_FLAG_NULLABLE), SLUICE_OK);
    assert_int_equal(sluice_schema_init(schema.children[1], "l", "v", 0), SLUICE_OK);
  }
  return &schema;
}

void things_forget(void) {
  sluice_schema_release(&schema);
}

/* quote: how a quote stands in it. */
static void id_text(int id, const char *quote, char out[64]) {
  if (id == -2 || id == -3)
    snprintf(out, 64, "%s", id == -2 ? "" : "..");
  else
    snprintf(out, 64, "%02d/a %%2F,%sb%s \xc3\xa9", id, quote, quote);
}

struct sluice_batch things_batch(int64_t seq, int64_t first_row, const struct thing *things, int64_t n, uint8_t *ops) {
  struct sluice_builder *builder = NULL;
  struct sluice_batch batch = {
      .struct_size = sizeof batch, .seq = seq, .first_row = first_row, .ops = ops, .unit = "0123456789abcdef"};
  assert_int_equal(sluice_builder_create(things_schema(), &builder, NULL), SLUICE_OK);
  for (int64_t i = 0; i < n; i++) {
    char id[64];
    id_text(things[i].id, "\"", id);
    if (things[i].id == -1)
      sluice_builder_null(sluice_builder_child(builder, 0));
    else
      sluice_builder_bytes(sluice_builder_child(builder, 0), id, strlen(id));
    sluice_builder_int(sluice_builder_child(builder, 1), things[i].v);
    assert_int_equal(sluice_builder_end(builder), SLUICE_OK);
    if (ops)
      ops[i] = things[i].op;
  }
  assert_int_equal(sluice_builder_finish(builder, &batch.array, NULL), SLUICE_OK);
  sluice_builder_destroy(builder);
  return batch;
}

void model_apply(struct model *model, const struct thing *things, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    model->v[things[i].id] = things[i].op == SLUICE_OP_DELETE ? 0 : things[i].v;
}

void model_check(const struct model *model, const struct receiver *receiver) {
  char wanted[THINGS * 128] = "", id[64];
  for (int i = 0; i < THINGS; i++) {
    size_t used = strlen(wanted);
    id_text(i, "\\\"", id);
    if (model->v[i])
      snprintf(wanted + used, sizeof wanted - used, "{\"id\":\"%s\",\"v\":%d}\n", id, model->v[i]);
  }
  char *table = receiver_table(receiver);
  assert_string_equal(table, wanted);
  free(table);
}

void things_init(struct sender *sender, const struct receiver *receiver) {
  sender_init(sender, receiver, "/things");
  sender->host.encode = encode_service();
  sender->schema = things_schema();
  sender->options.delete = HTTP_DELETE_SEND;
}

void things_by_url(struct sender *sender) {
  static char url[160];
  static struct http_operation update, delete;
  static const struct http_operations operations = {.update = &update, .delete = &delete};
  snprintf(url, sizeof url, "%s/{id}", sender->url);
  update = (struct http_operation){url, HTTP_PATCH};
  delete = (struct http_operation){url, HTTP_DELETE};
  sender->options.operations = &operations;
  sender->options.delete = HTTP_DELETE_REFUSE;
  sender->options.body = HTTP_RECORD;
}

void things_by_key(struct sender *sender) {
  static const char *const key[] = {"id"};
  sender->options.key = (struct sluice_list){key, 1};
}
