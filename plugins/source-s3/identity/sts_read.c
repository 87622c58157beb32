/* Reads what STS answers: credentials, a caller, or an error; AWS's form and RGW's bare one. */
#include "base/xml.h"
#include "identity/sts_call.h"

static const char *on_start(void *context, int depth, const char *name) {
  (void)context, (void)depth, (void)name;
  return NULL;
}

static const char *on_end(void *context, int depth, const char *name, const struct text *text) {
  struct sts_fields *out = context;
  struct {
    const char *name;
    struct text *out;
  } fields[] = {{"AccessKeyId", &out->access_key_id},
                {"SecretAccessKey", &out->secret},
                {"SessionToken", &out->token},
                {"Expiration", &out->expiration},
                {"Arn", &out->arn},
                {"Account", &out->account},
                {"Code", &out->code},
                {"Message", &out->message}};
  (void)depth;
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    if (strcmp(name, fields[i].name) == 0 && fields[i].out->size == 0)
      text_add(fields[i].out, text_get(text), text->size);
  return NULL;
}

bool sts_read(const void *body, size_t n, struct sts_fields *out) {
  static const struct xml_handler handler = {on_start, on_end};
  struct xml *xml = xml_create(&handler, out);
  if (!xml)
    return false;
  bool good = xml_feed(xml, body, n) == XML_GOOD && xml_end(xml) == XML_GOOD;
  xml_destroy(xml);
  return good;
}

void sts_fields_finish(struct sts_fields *fields) {
  struct text *texts[] = {&fields->access_key_id, &fields->secret,  &fields->token, &fields->expiration,
                          &fields->arn,           &fields->account, &fields->code,  &fields->message};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    text_finish(texts[i]);
}
