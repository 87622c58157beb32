/* Tags of a bucket or an object, from a file of KEY=VALUE lines. */
#include "request.h"
#include "xml.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static FILE *open_tags(const struct request *r) {
  char path[PATH_MAX];
  int n = *r->key ? snprintf(path, sizeof path, ".tags/%s.objects/%s", r->bucket, r->key)
                  : snprintf(path, sizeof path, ".tags/%s", r->bucket);
  if (n < 0 || (size_t)n >= sizeof path || (*r->key && !objects_key_is_path(r->key)))
    return NULL;
  int fd = openat(r->server->root, path, O_RDONLY | O_CLOEXEC);
  FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
  if (fd >= 0 && !file)
    close(fd);
  return file;
}

static void put_tag(struct xml *x, char *line) {
  line[strcspn(line, "\r\n")] = '\0';
  char *equals = strchr(line, '=');
  if (!equals)
    return;
  *equals = '\0';
  xml_start(x, "Tag");
  xml_text(x, "Key", line);
  xml_text(x, "Value", equals + 1);
  xml_end(x);
}

void request_tags(struct request *r) {
  struct object o;
  if (*r->key && !objects_look(r->server->objects, r->bucket, r->key, &o)) {
    answer_error(r, "NoSuchKey", NULL);
    return;
  }
  FILE *file = open_tags(r);
  if (!file && !*r->key) {
    answer_error(r, "NoSuchTagSet", NULL);
    return;
  }
  struct xml x;
  char line[2048];
  size_t len = 0;
  xml_init(&x, "Tagging", XML_S3);
  xml_start(&x, "TagSet");
  while (file && fgets(line, sizeof line, file))
    put_tag(&x, line);
  xml_end(&x);
  xml_end(&x);
  if (file)
    fclose(file);
  char *text = xml_take(&x, &len);
  answer_text(r, 200, "application/xml", text, len);
}
