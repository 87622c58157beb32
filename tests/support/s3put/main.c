/* s3put: uploads a folder to a bucket of s3d, or of any other S3 server that tests use. */
#include "client.h"
#include "xml.h"

#include <curl/curl.h>
#include <errno.h>
#include <fts.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "s3put: uploads the files of a folder to a bucket; keys are paths below the folder.\n"
    "\n"
    "usage: s3put --endpoint URL --bucket BUCKET [--create] [--region R] [--prefix P] [--tag KEY=VALUE]... [FOLDER]\n"
    "\n"
    "  --endpoint URL     the server, such as http://127.0.0.1:9000 (buckets are addressed in the path)\n"
    "  --create           make the bucket first\n"
    "  --region R         sign for this region [AWS_REGION, AWS_DEFAULT_REGION, us-east-1]\n"
    "  --prefix P         put this before each key\n"
    "  --tag KEY=VALUE    tag the bucket (replaces its tags; not with s3d, which has tags in files)\n"
    "\n"
    "Keys come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.\n";

enum { TAGS_MOST = 50 };

struct command {
  struct client_options client;
  const char *bucket, *prefix, *folder, *tags[TAGS_MOST];
  size_t tag_count;
  bool create;
};

enum { ENDPOINT = 1, BUCKET, CREATE, REGION, PREFIX, TAG, HELP };

static const struct option names[] = {{"endpoint", 1, NULL, ENDPOINT}, {"bucket", 1, NULL, BUCKET},
                                      {"create", 0, NULL, CREATE},     {"region", 1, NULL, REGION},
                                      {"prefix", 1, NULL, PREFIX},     {"tag", 1, NULL, TAG},
                                      {"help", 0, NULL, HELP},         {0}};

static int wrong(const char *what) {
  fprintf(stderr, "s3put: %s; see s3put --help\n", what);
  return 2;
}

/* -1: go on; else the exit status. */
static int take_option(int option, struct command *c) {
  switch (option) {
  case ENDPOINT:
    c->client.endpoint = optarg;
    return -1;
  case BUCKET:
    c->bucket = optarg;
    return -1;
  case CREATE:
    c->create = true;
    return -1;
  case REGION:
    c->client.region = optarg;
    return -1;
  case PREFIX:
    c->prefix = optarg;
    return -1;
  case TAG:
    if (!strchr(optarg, '=') || c->tag_count == TAGS_MOST)
      return wrong("--tag takes KEY=VALUE, at most 50 times");
    c->tags[c->tag_count++] = optarg;
    return -1;
  case HELP:
    fputs(help, stdout);
    return 0;
  default:
    return 2;
  }
}

static const char *environment(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

static int read_command(int argc, char **argv, struct command *c) {
  const char *region = environment("AWS_REGION");
  if (!region)
    region = environment("AWS_DEFAULT_REGION");
  *c = (struct command){.prefix = "",
                        .client = {.region = region ? region : "us-east-1",
                                   .access_key = environment("AWS_ACCESS_KEY_ID"),
                                   .secret_key = environment("AWS_SECRET_ACCESS_KEY"),
                                   .token = environment("AWS_SESSION_TOKEN")}};
  for (int o = getopt_long(argc, argv, "", names, NULL); o != -1; o = getopt_long(argc, argv, "", names, NULL)) {
    int status = take_option(o, c);
    if (status >= 0)
      return status;
  }
  c->folder = optind < argc ? argv[optind++] : NULL;
  if (optind < argc)
    return wrong("one folder only");
  if (!c->client.endpoint || !c->bucket)
    return wrong("--endpoint URL and --bucket BUCKET are needed");
  if (!c->folder && !c->create && c->tag_count == 0)
    return wrong("there is nothing to do: name a folder, --create or --tag");
  if (!c->client.access_key || !c->client.secret_key)
    return wrong("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set");
  return -1;
}

static char *tags_document(const struct command *c) {
  struct xml x;
  size_t len = 0;
  xml_init(&x, "Tagging", XML_S3);
  xml_start(&x, "TagSet");
  for (size_t i = 0; i < c->tag_count; i++) {
    char *key = strdup(c->tags[i]);
    if (key)
      *strchr(key, '=') = '\0';
    xml_start(&x, "Tag");
    xml_text(&x, "Key", key ? key : "");
    xml_text(&x, "Value", strchr(c->tags[i], '=') + 1);
    xml_end(&x);
    x.failed |= !key;
    free(key);
  }
  xml_end(&x);
  xml_end(&x);
  return xml_take(&x, &len);
}

static bool put_file(struct client *client, const struct command *c, const char *path, char *message, size_t size) {
  char key[1100];
  size_t skip = strlen(c->folder);
  while (path[skip] == '/')
    skip++;
  int n = snprintf(key, sizeof key, "%s%s", c->prefix, path + skip);
  if (n < 0 || (size_t)n >= sizeof key) {
    snprintf(message, size, "%s: the path is too long for a key", path);
    return false;
  }
  return client_put(client, c->bucket, key, path, message, size);
}

static bool put_folder(struct client *client, const struct command *c, char *message, size_t size) {
  char *const roots[] = {(char *)(uintptr_t)c->folder, NULL};
  FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
  size_t count = 0;
  bool ok = walk != NULL;
  for (FTSENT *e = ok ? fts_read(walk) : NULL; e && ok; e = fts_read(walk)) {
    if (e->fts_info == FTS_ERR || e->fts_info == FTS_DNR || e->fts_info == FTS_NS) {
      snprintf(message, size, "%s: %s", e->fts_path, strerror(e->fts_errno));
      ok = false;
    } else if (e->fts_info == FTS_F) {
      ok = put_file(client, c, e->fts_path, message, size);
      count++;
    }
  }
  if (walk)
    fts_close(walk);
  else
    snprintf(message, size, "%s: %s", c->folder, strerror(errno));
  if (ok)
    printf("%zu files put in %s\n", count, c->bucket);
  return ok;
}

static bool run(struct client *client, const struct command *c, char *message, size_t size) {
  if (c->create && !client_put(client, c->bucket, "", NULL, message, size))
    return false;
  if (c->tag_count > 0) {
    char *document = tags_document(c);
    bool tagged = document && client_put_tags(client, c->bucket, document, message, size);
    free(document);
    if (!tagged)
      return false;
  }
  return !c->folder || put_folder(client, c, message, size);
}

int main(int argc, char **argv) {
  struct command command;
  struct client *client = NULL;
  char message[8192] = "out of memory";
  int status = read_command(argc, argv, &command);
  if (status >= 0)
    return status;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  bool ok = client_create(&command.client, &client, message, sizeof message) &&
            run(client, &command, message, sizeof message);
  if (!ok)
    fprintf(stderr, "s3put: %s\n", message);
  client_destroy(client);
  curl_global_cleanup();
  return ok ? 0 : 1;
}
