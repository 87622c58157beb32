/* Reads the index of recv and the records it names. */
#include "summary.h"
#include "keys.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct totals {
  json_int_t requests, records, first_records, same, other, without_key, bad_records;
};

static bool copy_records(FILE *records, long long offset, long long size, FILE *to, long long *lines) {
  char buffer[65536];
  if (fseeko(records, (off_t)offset, SEEK_SET) != 0)
    return false;
  while (size > 0) {
    size_t want = size < (long long)sizeof buffer ? (size_t)size : sizeof buffer;
    if (fread(buffer, 1, want, records) != want)
      return false;
    for (size_t i = 0; i < want; i++)
      *lines += buffer[i] == '\n';
    if (to && fwrite(buffer, 1, want, to) != want)
      return false;
    size -= (long long)want;
  }
  return true;
}

static bool add_line(struct totals *totals, struct keys *keys, FILE *records, json_t *entry, FILE *to) {
  const char *key = NULL, *sha = NULL;
  json_int_t offset = 0, size = 0, n = 0;
  if (json_unpack(entry, "{s:s, s:s, s:I, s:I, s:I}", "key", &key, "sha256", &sha, "offset", &offset, "size", &size,
                  "records", &n) != 0)
    return false;
  enum key_state state = *key ? keys_add(keys, key, sha) : KEY_NEW;
  long long lines = 0;
  bool print = to && state == KEY_NEW;
  if (state == KEY_FAILED || !copy_records(records, offset, size, print ? to : NULL, &lines))
    return false;
  totals->requests++;
  totals->records += n;
  totals->first_records += state == KEY_NEW ? n : 0;
  totals->same += state == KEY_SAME;
  totals->other += state == KEY_OTHER;
  totals->without_key += !*key;
  totals->bad_records += lines != n;
  return true;
}

static bool add_all(struct totals *totals, FILE *index, FILE *records, FILE *to) {
  struct keys keys = {0};
  char *line = NULL;
  size_t room = 0;
  bool ok = true;
  ssize_t n = getline(&line, &room, index);
  while (ok && n > 0 && line[n - 1] == '\n') { /* a torn last line was never answered */
    json_t *entry = json_loadb(line, (size_t)n, 0, NULL);
    ok = entry && add_line(totals, &keys, records, entry, to);
    json_decref(entry);
    n = getline(&line, &room, index);
  }
  free(line);
  keys_finish(&keys);
  return ok;
}

static bool read_file(const char *file, struct totals *totals, FILE *to) {
  char path[4096];
  int n = snprintf(path, sizeof path, "%s.records", file);
  if (n < 0 || (size_t)n >= sizeof path)
    return false;
  FILE *index = fopen(file, "r"), *records = fopen(path, "r");
  bool ok = index && records && add_all(totals, index, records, to);
  if (index)
    fclose(index);
  if (records)
    fclose(records);
  if (!ok)
    fprintf(stderr, "recv: %s or its .records file cannot be read, or is damaged\n", file);
  return ok;
}

int summary_print(char *const *files, int n) {
  bool well = true;
  for (int i = 0; i < n; i++) {
    struct totals t = {0};
    if (!read_file(files[i], &t, NULL))
      return 2;
    printf("{\"file\": \"%s\", \"requests\": %lld, \"records\": %lld, \"first_records\": %lld, "
           "\"duplicates_same_body\": %lld, \"duplicates_other_body\": %lld, \"without_key\": %lld}\n",
           files[i], (long long)t.requests, (long long)t.records, (long long)t.first_records, (long long)t.same,
           (long long)t.other, (long long)t.without_key);
    well = well && t.other == 0 && t.bad_records == 0;
  }
  return well ? 0 : 1;
}

int summary_records(const char *file) {
  struct totals totals = {0};
  return read_file(file, &totals, stdout) && fflush(stdout) == 0 ? 0 : 2;
}
