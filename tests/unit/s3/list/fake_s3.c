/* A bucket in memory behind the engine's functions: answers pages of a listing by its own, simple rules. */
#include "fake_s3.h"
#include "base/uri.h"
#include <stdlib.h>

struct fake fake;

/* ---- keys ---- */

void fake_clear(void) {
  for (size_t i = 0; i < fake.count; i++)
    free(fake.keys[i].key);
  free(fake.keys);
  fake = (struct fake){.page = 1000, .random = 1};
}

void fake_add_version(const char *key, const char *id, bool deleted, bool latest) {
  if ((fake.count & (fake.count + 1)) == 0)
    fake.keys = realloc(fake.keys, 2 * (fake.count + 1) * sizeof *fake.keys);
  fake.keys[fake.count++] =
      (struct fake_key){.key = strdup(key), .version_id = id, .deleted = deleted, .latest = latest};
}

void fake_add(const char *key) {
  fake_add_version(key, NULL, false, true);
}

static int compare_keys(const void *a, const void *b) {
  const struct fake_key *x = a, *y = b;
  int order = strcmp(x->key, y->key);
  return order ? order : (x->number > y->number) - (x->number < y->number);
}

void fake_sort(void) {
  for (size_t i = 0; i < fake.count; i++)
    fake.keys[i].number = i;
  qsort(fake.keys, fake.count, sizeof *fake.keys, compare_keys);
}

unsigned fake_random(unsigned below) {
  fake.random = fake.random * 1103515245u + 12345u;
  return (fake.random >> 16) % below;
}

/* ---- pages ---- */

struct asked {
  const char *prefix, *delimiter, *start, *token, *id;
  bool versions;
};

static const char *parameter(const struct request *request, const char *name) {
  for (size_t i = 0; i < request->n_query; i++)
    if (request->query[i].name.size == strlen(name) &&
        memcmp(request->query[i].name.data, name, request->query[i].name.size) == 0)
      return request->query[i].value.data;
  return NULL;
}

static void put_key(struct text *out, const char *element, const char *key, size_t n) {
  text_printf(out, "<%s>", element);
  uri_encode(out, key, n);
  text_printf(out, "</%s>", element);
}

static void put_entry(struct text *out, const struct asked *asked, const struct fake_key *key) {
  const char *element = !asked->versions ? "Contents" : key->deleted ? "DeleteMarker" : "Version";
  text_printf(out, "<%s>", element);
  put_key(out, "Key", key->key, strlen(key->key));
  if (asked->versions)
    text_printf(out, "<VersionId>%s</VersionId><IsLatest>%s</IsLatest>", key->version_id ? key->version_id : "null",
                key->latest ? "true" : "false");
  if (!key->deleted)
    text_printf(out, "<ETag>&quot;e-%s&quot;</ETag><Size>%zu</Size><StorageClass>%s</StorageClass>",
                key->version_id ? key->version_id : "1", strlen(key->key),
                key->storage_class ? key->storage_class : "STANDARD");
  text_printf(out, "<LastModified>2024-01-01T00:00:00Z</LastModified></%s>", element);
}

static void put_folder(struct text *out, const char *key, size_t n) {
  text_puts(out, "<CommonPrefixes>");
  put_key(out, "Prefix", key, n);
  text_puts(out, "</CommonPrefixes>");
}

/* The first key behind the token (a number: an index) or the start. */
static size_t first_key(const struct asked *asked) {
  size_t i = 0;
  bool folder = asked->start && asked->delimiter && asked->start[0] && asked->start[strlen(asked->start) - 1] == '/';
  if (asked->token && !asked->versions)
    return (size_t)strtoull(asked->token + 2, NULL, 10);
  const char *start = asked->versions && asked->token ? asked->token : asked->start;
  if (!start || (fake.quirks & FAKE_IGNORES_START && !asked->token))
    return 0;
  while (i < fake.count && strcmp(fake.keys[i].key, start) < 0)
    i++;
  for (; i < fake.count && strcmp(fake.keys[i].key, start) == 0; i++)
    if (asked->id && strcmp(fake.keys[i].version_id ? fake.keys[i].version_id : "null", asked->id) == 0)
      return i + 1;
  while (folder && !(fake.quirks & FAKE_SHOWS_START) && i < fake.count &&
         strncmp(fake.keys[i].key, start, strlen(start)) == 0)
    i++;
  return i;
}

static size_t folder_size(const struct asked *asked, const char *key) {
  const char *slash = asked->delimiter ? strchr(key + strlen(asked->prefix), '/') : NULL;
  return slash ? (size_t)(slash - key) + 1 : 0;
}

static size_t put_item(struct text *objects, struct text *others, const struct asked *asked, size_t i) {
  const struct fake_key *key = &fake.keys[i];
  size_t n = folder_size(asked, key->key);
  bool later = key->deleted && fake.quirks & FAKE_SORTS_KINDS;
  if (n == 0) {
    put_entry(later ? others : objects, asked, key);
    return i + 1;
  }
  put_folder(others, key->key, n);
  while (i < fake.count && strncmp(fake.keys[i].key, key->key, n) == 0)
    i++;
  return i;
}

static bool hidden(const struct asked *asked, size_t i) {
  return !asked->versions && (!fake.keys[i].latest || fake.keys[i].deleted);
}

static bool within(const struct asked *asked, size_t i) {
  return i < fake.count && strncmp(fake.keys[i].key, asked->prefix, strlen(asked->prefix)) == 0;
}

static void put_next(struct text *out, const struct asked *asked, size_t i) {
  const struct fake_key *last = &fake.keys[i - 1];
  if (!asked->versions) {
    static unsigned long long number; /* no two tokens are the same */
    text_printf(out, "<NextContinuationToken>+/%zu;%llu</NextContinuationToken>", i, ++number);
    return;
  }
  put_key(out, "NextKeyMarker", last->key, strlen(last->key));
  text_printf(out, "<NextVersionIdMarker>%s</NextVersionIdMarker>", last->version_id ? last->version_id : "null");
}

static void write_page(struct text *out, const struct asked *asked, size_t most) {
  struct text objects = {0}, others = {0};
  size_t i = first_key(asked), n = 0;
  objects.limit = others.limit = out->limit = 16 << 20;
  while (i < fake.count && strcmp(fake.keys[i].key, asked->prefix) < 0)
    i++;
  bool empty = fake.quirks & FAKE_EMPTY_PAGES && i > 0 && fake_random(4) == 0;
  while (!empty && n < most && within(asked, i)) {
    if (hidden(asked, i)) {
      i++;
      continue;
    }
    i = put_item(&objects, &others, asked, i);
    n++;
  }
  while (within(asked, i) && hidden(asked, i))
    i++;
  const char *root = asked->versions ? "ListVersionsResult" : "ListBucketResult";
  text_printf(out, "<%s><EncodingType>url</EncodingType><IsTruncated>%s</IsTruncated>", root,
              within(asked, i) ? "true" : "false");
  if (within(asked, i))
    put_next(out, asked, i);
  text_puts(out, text_get(&objects));
  text_puts(out, text_get(&others));
  text_printf(out, "</%s>", root);
  text_finish(&objects);
  text_finish(&others);
}

/* ---- answers ---- */

static bool denied(const struct asked *asked) {
  if (fake.quirks & FAKE_DENIES_DELIMITER && asked->delimiter)
    return true;
  return fake.quirks & FAKE_DENIES_FOLDERS && strcmp(asked->prefix, fake.allowed) != 0;
}

static void end(struct call *call, int status, const char *message) {
  call->status = status;
  if (status != SLUICE_OK)
    sluice_fail(&call->error, status, "", "%s", message);
  call->done = true;
  fake.in_flight--;
}

static void feed(struct call *call, const char *bytes, size_t n) {
  call->ops->begin(call);
  call->ops->head(call);
  enum call_verdict verdict = CALL_GO;
  for (size_t at = 0; at < n && verdict == CALL_GO; at += 100)
    verdict = call->ops->data(call, bytes + at, n - at < 100 ? n - at : 100);
  if (verdict == CALL_GO)
    verdict = call->ops->end(call, true);
  bool good = verdict == CALL_GO;
  end(call, good ? SLUICE_OK : SLUICE_ERR_DATA, call->fault.message);
}

static void answer(struct call *call) {
  struct text page = {0};
  const char *most = parameter(&call->request, "max-keys");
  struct asked asked = {.prefix = parameter(&call->request, "prefix"),
                        .delimiter = parameter(&call->request, "delimiter"),
                        .versions = parameter(&call->request, "versions") != NULL};
  asked.start = parameter(&call->request, asked.versions ? "key-marker" : "start-after");
  asked.token = parameter(&call->request, asked.versions ? "key-marker" : "continuation-token");
  asked.id = parameter(&call->request, "version-id-marker");
  if (fake.quirks & FAKE_NO_DELIMITER)
    asked.delimiter = NULL;
  if (denied(&asked)) {
    snprintf(call->fault.code, sizeof call->fault.code, "AccessDenied");
    end(call, SLUICE_ERR_AUTH, "AccessDenied");
    return;
  }
  if (fake.fail_every && fake_random((unsigned)fake.fail_every) == 0) {
    end(call, SLUICE_ERR_RETRY, "the network is down");
    return;
  }
  size_t limit = (size_t)strtoull(most, NULL, 10);
  if (fake.body)
    text_puts(&page, fake.body);
  else
    write_page(&page, &asked, limit < fake.page ? limit : fake.page);
  feed(call, text_get(&page), page.size);
  text_finish(&page);
}

/* ---- the engine ---- */

enum { PENDING_MAX = 512 };
static struct call *pending[PENDING_MAX];
static size_t n_pending;

static void wait_for(struct call *call) {
  if (n_pending == PENDING_MAX)
    abort();
  pending[n_pending++] = call;
}

static void forget(const struct call *call) {
  for (size_t i = 0; i < n_pending; i++)
    if (pending[i] == call)
      pending[i--] = pending[--n_pending];
}

/* While one is waited for, others may be answered as well. */
static void answer_some(void) {
  for (size_t i = n_pending; i-- > 0;) {
    struct call *call = pending[i];
    if (fake_random(2))
      continue;
    forget(call);
    answer(call);
  }
}

void engine_submit(struct engine *engine, struct call *call) {
  (void)engine;
  fake.requests++;
  fake.in_flight++;
  fake.pages++;
  if (fake.in_flight > fake.most_in_flight)
    fake.most_in_flight = fake.in_flight;
  if (fake.pages > fake.most_pages)
    fake.most_pages = fake.pages;
  if (!(fake.quirks & (FAKE_SLOW | FAKE_MOODY)) || (fake.quirks & FAKE_MOODY && fake_random(2)))
    answer(call);
  else
    wait_for(call);
}

void engine_abandon(struct engine *engine, struct call *call) {
  (void)engine;
  fake.pages--;
  forget(call);
  if (!call->done)
    end(call, SLUICE_ERR_CANCELLED, "cancelled");
}

void engine_lock(struct engine *engine) {
  (void)engine;
}
void engine_unlock(struct engine *engine) {
  (void)engine;
}

void call_copy_error(const struct call *call, struct sluice_error *err) {
  if (err && !err->message[0])
    *err = call->error;
}

int engine_finish_call(struct engine *engine, struct call *call, struct sluice_error *err) {
  (void)engine;
  forget(call);
  if (fake.quirks & FAKE_MOODY)
    answer_some();
  if (!call->done)
    answer(call);
  if (call->status != SLUICE_OK)
    call_copy_error(call, err);
  return call->status;
}
