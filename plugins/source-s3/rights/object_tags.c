/* Leaves out objects without the tag that a path asks for. */
#include "rights/object_tags.h"
#include "base/version.h"
#include "rights/gone.h"
#include <stdlib.h>

bool object_tags_wanted(const struct client *client) {
  for (size_t i = 0; i < client->n_accesses; i++)
    if (client->accesses[i].place.object_tag)
      return true;
  return false;
}

static void drop_call(struct object_tags *tags, struct tagged_part *entry) {
  if (!entry->tags)
    return;
  engine_abandon(tags->engine, &entry->tags->call);
  call_unref(&entry->tags->call);
  entry->tags = NULL;
}

static void drop(struct object_tags *tags, struct tagged_part *entry) {
  drop_call(tags, entry);
  free(entry->name);
  free(entry->version);
  *entry = (struct tagged_part){.name = NULL};
}

void object_tags_clear(struct object_tags *tags) {
  for (; tags->count; tags->count--) {
    drop(tags, &tags->ring[tags->first]);
    tags->first = (tags->first + 1) % OBJECT_TAGS_AHEAD;
  }
  drop(tags, &tags->given);
  tags->end = SLUICE_OK;
}

/* ---- ahead ---- */

static int ask(struct object_tags *tags, struct tagged_part *entry, struct sluice_error *err) {
  struct location location;
  const char *id = NULL;
  int status = location_parse(entry->name, "part", &location, err);
  if (status != SLUICE_OK)
    return status;
  version_is_id(entry->version, &id);
  entry->tags = tags_create(&entry->access->bucket, location.key, id);
  if (!entry->tags)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for the tags");
  engine_submit(tags->engine, &entry->tags->call);
  return SLUICE_OK;
}

static int find_access(struct object_tags *tags, struct tagged_part *entry, struct sluice_error *err) {
  struct location location;
  int status = location_parse(entry->name, "part", &location, err);
  if (status != SLUICE_OK)
    return status;
  struct access *access = client_access(tags->client, &location);
  entry->access = access && access->place.object_tag ? access : NULL;
  return SLUICE_OK;
}

static int push(struct object_tags *tags, const struct sluice_part *part, struct sluice_error *err) {
  struct tagged_part *entry = &tags->ring[(tags->first + tags->count) % OBJECT_TAGS_AHEAD];
  *entry = (struct tagged_part){.name = strdup(part->name), .version = strdup(part->version ? part->version : "")};
  tags->count++;
  if (!entry->name || !entry->version)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "", "no memory for a part's name");
  entry->part = *part;
  entry->part.name = entry->name;
  entry->part.version = entry->version;
  int status = part->skip ? SLUICE_OK : find_access(tags, entry, err);
  return status == SLUICE_OK && entry->access ? ask(tags, entry, err) : status;
}

/* An error of the listing waits until what came before it has been given. */
static int fill(struct object_tags *tags, struct sluice_error *err) {
  int status = SLUICE_OK;
  while (status == SLUICE_OK && tags->end == SLUICE_OK && tags->count < OBJECT_TAGS_AHEAD) {
    struct sluice_part part = {.struct_size = sizeof part};
    tags->error = (struct sluice_error){.message = ""};
    tags->end = lister_next(tags->lister, &part, &tags->error);
    if (tags->end == SLUICE_OK)
      status = push(tags, &part, err);
  }
  return status;
}

/* ---- the next ---- */

/* A refusal may hide that the object is gone. *own is then about that. */
static int look_again(struct object_tags *tags, const struct tagged_part *entry, int status, struct sluice_error *own) {
  struct sluice_error refusal = *own;
  struct location location;
  const char *id = NULL;
  if (status != SLUICE_ERR_AUTH || location_parse(entry->name, "part", &location, NULL) != SLUICE_OK)
    return status;
  *own = (struct sluice_error){.message = ""};
  version_is_id(entry->version, &id);
  return gone_judge(entry->access, tags->engine, location.key, id, status, &refusal, own);
}

static int judge(struct object_tags *tags, struct tagged_part *entry, struct sluice_error *err) {
  const struct s3_tag *wanted = entry->access->place.object_tag;
  struct sluice_error own = {0};
  int status = entry->tags ? SLUICE_OK : ask(tags, entry, err);
  if (status != SLUICE_OK)
    return status;
  status = engine_finish_call(tags->engine, &entry->tags->call, &own);
  status = look_again(tags, entry, status, &own);
  const char *value = status == SLUICE_OK ? tags_value(entry->tags, wanted->key) : NULL;
  bool untagged = status == SLUICE_ERR_NOT_FOUND && strcmp(entry->tags->call.fault.code, "NoSuchTagSet") == 0;
  if (status == SLUICE_OK || untagged)
    entry->part.skip = value && strcmp(value, wanted->value) == 0 ? NULL : "object tag";
  else if (status == SLUICE_ERR_NOT_FOUND)
    entry->part.skip = "gone";
  else {
    drop_call(tags, entry); /* asked anew, should the caller try again */
    return sluice_fail(err, status, own.where, "object_tag: %s", own.message);
  }
  return SLUICE_OK;
}

int object_tags_next(struct object_tags *tags, struct sluice_part *out, struct sluice_error *err) {
  int status = fill(tags, err);
  if (status != SLUICE_OK)
    return status;
  if (tags->count == 0) {
    status = tags->end;
    if (status < 0 && err && !err->message[0])
      *err = tags->error;
    if (status == SLUICE_ERR_RETRY)
      tags->end = SLUICE_OK; /* the lister goes on where it was */
    return status;
  }
  struct tagged_part *entry = &tags->ring[tags->first];
  status = entry->access ? judge(tags, entry, err) : SLUICE_OK;
  if (status != SLUICE_OK)
    return status;
  drop(tags, &tags->given);
  tags->given = *entry;
  *entry = (struct tagged_part){.name = NULL};
  tags->first = (tags->first + 1) % OBJECT_TAGS_AHEAD;
  tags->count--;
  drop_call(tags, &tags->given);
  *out = tags->given.part;
  return SLUICE_OK;
}
