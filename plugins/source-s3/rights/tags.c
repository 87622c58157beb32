/* A call that reads the tags of a bucket or an object. */
#include "rights/tags.h"
#include "base/xml.h"
#include <stdlib.h>

enum { TAGS_TEXT_MAX = 256 << 10, NOT_SEEN = -1 };

static struct tags *tags_of(struct call *call) {
  return (struct tags *)call;
}

/* ---- the answer: Tagging/TagSet/Tag/{Key,Value} ---- */

static size_t keep(struct tags *tags, const struct text *text) {
  size_t at = tags->text.size;
  text_add(&tags->text, text_get(text), text->size);
  text_add(&tags->text, "", 1);
  return at;
}

static const char *on_start(void *context, int depth, const char *name) {
  struct tags *tags = context;
  if (depth == 1 && strcmp(name, "Tagging") != 0)
    return strcmp(name, "Error") == 0 ? "it is an error" : "it is no Tagging";
  if (depth == 3 && strcmp(name, "Tag") == 0)
    tags->found_key = tags->found_value = (size_t)NOT_SEEN;
  return NULL;
}

static const char *end_tag(struct tags *tags) {
  if (tags->found_key == (size_t)NOT_SEEN || tags->found_value == (size_t)NOT_SEEN)
    return "a tag has no key or no value";
  if (tags->count == TAGS_MAX)
    return "there are too many tags";
  tags->keys[tags->count] = tags->found_key;
  tags->values[tags->count++] = tags->found_value;
  return NULL;
}

static const char *on_end(void *context, int depth, const char *name, const struct text *text) {
  struct tags *tags = context;
  if (depth == 4 && strcmp(name, "Key") == 0)
    tags->found_key = keep(tags, text);
  if (depth == 4 && strcmp(name, "Value") == 0)
    tags->found_value = keep(tags, text);
  if (tags->text.failed)
    return "the tags are too long";
  return depth == 3 && strcmp(name, "Tag") == 0 ? end_tag(tags) : NULL;
}

/* ---- the call ---- */

static void begin(struct call *call) {
  static const struct xml_handler handler = {on_start, on_end};
  struct tags *tags = tags_of(call);
  xml_destroy(tags->xml);
  text_clear(&tags->text);
  tags->count = 0;
  tags->xml = xml_create(&handler, tags);
}

static enum call_verdict on_head(struct call *call) {
  if (tags_of(call)->xml)
    return CALL_GO;
  fault_set(&call->fault, FAULT_MEMORY, "no memory for the tags");
  return CALL_FAULT;
}

static enum call_verdict judge(struct call *call, enum xml_result result) {
  if (result == XML_GOOD)
    return CALL_GO;
  fault_set(&call->fault, FAULT_UNREADABLE, "the tags cannot be read: %s", xml_reason(tags_of(call)->xml));
  return CALL_FAULT;
}

static enum call_verdict on_data(struct call *call, const char *bytes, size_t n) {
  return judge(call, xml_feed(tags_of(call)->xml, bytes, n));
}

static enum call_verdict on_end_of_answer(struct call *call, bool whole) {
  return whole ? judge(call, xml_end(tags_of(call)->xml)) : CALL_FAULT;
}

static void destroy(struct call *call) {
  struct tags *tags = tags_of(call);
  call_finish(call);
  xml_destroy(tags->xml);
  text_finish(&tags->text);
  free(tags->key);
  free(tags->version_id);
  free(tags);
}

struct tags *tags_create(struct bucket *bucket, const char *key, const char *version_id) {
  static const struct call_ops ops = {begin, on_head, on_data, on_end_of_answer, NULL, destroy};
  struct tags *tags = calloc(1, sizeof *tags);
  if (!tags || call_init(&tags->call, &ops) != SLUICE_OK) {
    free(tags);
    return NULL;
  }
  tags->text.limit = TAGS_TEXT_MAX;
  tags->key = strdup(key);
  tags->version_id = version_id ? strdup(version_id) : NULL;
  if (!tags->key || (version_id && !tags->version_id)) {
    call_unref(&tags->call);
    return NULL;
  }
  struct request *request = &tags->call.request;
  tags->query[request->n_query++] = (struct sigv4_pair){slice_of("tagging"), slice_of("")};
  if (version_id)
    tags->query[request->n_query++] = (struct sigv4_pair){slice_of("versionId"), slice_of(tags->version_id)};
  request->query = tags->query;
  request->bucket = bucket;
  request->key = tags->key;
  request->operation = key[0] ? "GetObjectTagging" : "GetBucketTagging";
  return tags;
}

const char *tags_value(const struct tags *tags, const char *key) {
  const char *text = text_get(&tags->text);
  for (size_t i = 0; i < tags->count; i++)
    if (strcmp(text + tags->keys[i], key) == 0)
      return text + tags->values[i];
  return NULL;
}
