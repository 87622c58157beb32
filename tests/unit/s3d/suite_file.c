/* Reads the request files of AWS's SigV4 suite. */
#include "suite_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20 };

char *suite_read(const char *folder, const char *name, size_t *size) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  char *data = file ? malloc(FILE_LIMIT) : NULL;
  if (data) {
    *size = fread(data, 1, FILE_LIMIT - 1, file);
    data[*size] = '\0';
  }
  if (file)
    fclose(file);
  return data;
}

static bool parse_first(struct suite_request *r, char *line) {
  char *blank = strchr(line, ' '), *last = strrchr(line, ' ');
  if (!blank || last <= blank)
    return false;
  *blank = *last = '\0';
  r->method = line;
  r->target = blank + 1;
  return true;
}

/* A line that starts with a blank goes on where the line before ended: the line break becomes a blank. */
static void unfold(char *head) {
  for (char *p = strchr(head, '\n'); p; p = strchr(p + 1, '\n'))
    if (p[1] == ' ' || p[1] == '\t')
      *p = ' ';
}

bool suite_parse(struct suite_request *r) {
  char *body = strstr(r->text, "\n\n"), *save = NULL;
  r->body = body ? body + 2 : r->text + r->size;
  if (body)
    *body = '\0';
  unfold(r->text);
  char *line = strtok_r(r->text, "\n", &save);
  if (!line || !parse_first(r, line))
    return false;
  for (line = strtok_r(NULL, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
    char *colon = strchr(line, ':');
    if (!colon || r->header_count == SUITE_HEADERS)
      return false;
    *colon = '\0';
    r->headers[r->header_count++] = (struct sigv4_header){line, colon + 1};
  }
  return true;
}
