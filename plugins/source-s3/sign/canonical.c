/* The canonical request of Signature Version 4: path, query and headers in the one form that both ends hash. */
#include "base/uri.h"
#include "sign/sigv4.h"
#include <stdlib.h>
#include <string.h>

static int compare_bytes(const char *a, size_t n, const char *b, size_t m) {
  int order = n && m ? memcmp(a, b, n < m ? n : m) : 0;
  if (order)
    return order;
  return n < m ? -1 : n > m;
}

/* ---- path ---- */

/* Keeps the segments of `path` that count, as slices of it; returns how many. */
static size_t fold_segments(struct slice path, struct slice *kept) {
  size_t n = 0;
  for (size_t i = 0; i < path.size;) {
    const char *start = path.data + i;
    const char *slash = memchr(start, '/', path.size - i);
    size_t size = slash ? (size_t)(slash - start) : path.size - i;
    i += size + 1;
    if (size == 0 || (size == 1 && start[0] == '.'))
      continue;
    if (size == 2 && memcmp(start, "..", 2) == 0) {
#ifdef SLUICE_PLANTED_BUGS
      n--;
#else
      if (n)
        n--;
#endif
      continue;
    }
    kept[n++] = (struct slice){start, size};
  }
  return n;
}

static bool folded_path(struct slice path, struct text *out) {
  struct slice *kept = calloc(path.size / 2 + 1, sizeof *kept);
  if (!kept)
    return false;
  size_t n = fold_segments(path, kept);
  for (size_t i = 0; i < n; i++) {
    text_puts(out, "/");
    uri_encode_path(out, kept[i].data, kept[i].size);
  }
  if (n == 0 || path.data[path.size - 1] == '/')
    text_puts(out, "/");
  free(kept);
  return !out->failed;
}

bool sigv4_canonical_path(struct slice path, bool fold, struct text *out) {
  if (fold)
    return folded_path(path, out);
  if (path.size == 0)
    text_puts(out, "/");
  uri_encode_path(out, path.data, path.size);
  return !out->failed;
}

/* ---- query ---- */

struct parameter { /* encoded */
  struct text name, value;
};

static int by_name_and_value(const void *a, const void *b) {
  const struct parameter *x = a, *y = b;
  int order = compare_bytes(x->name.data, x->name.size, y->name.data, y->name.size);
  return order ? order : compare_bytes(x->value.data, x->value.size, y->value.data, y->value.size);
}

bool sigv4_canonical_query(const struct sigv4_pair *query, size_t n, struct text *out) {
  struct parameter *all = calloc(n + 1, sizeof *all);
  bool ok = all != NULL;
  text_puts(out, "");
  for (size_t i = 0; ok && i < n; i++) {
    uri_encode(&all[i].name, query[i].name.data, query[i].name.size);
    uri_encode(&all[i].value, query[i].value.data, query[i].value.size);
    ok = !all[i].name.failed && !all[i].value.failed;
  }
  if (ok)
    qsort(all, n, sizeof *all, by_name_and_value);
  for (size_t i = 0; ok && i < n; i++)
    text_printf(out, "%s%s=%s", i ? "&" : "", text_get(&all[i].name), text_get(&all[i].value));
  for (size_t i = 0; all && i < n; i++) {
    text_finish(&all[i].name);
    text_finish(&all[i].value);
  }
  free(all);
  return ok && !out->failed;
}

/* ---- headers ---- */

struct header {
  struct slice name, value;
  size_t arrival;
};

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
static bool blank(char c) {
  return c == ' ' || c == '\t';
}

static int compare_names(struct slice a, struct slice b) {
  for (size_t i = 0; i < a.size && i < b.size; i++) {
    int order = (unsigned char)lower(a.data[i]) - (unsigned char)lower(b.data[i]);
    if (order)
      return order;
  }
  return a.size < b.size ? -1 : a.size > b.size;
}

static int by_name_and_arrival(const void *a, const void *b) {
  const struct header *x = a, *y = b;
  int order = compare_names(x->name, y->name);
  if (order)
    return order;
  return x->arrival < y->arrival ? -1 : 1;
}

/* Trims the value and makes one blank of each run of them; quotes protect nothing. */
static void add_value(struct text *out, struct slice value) {
  bool started = false, gap = false;
  for (size_t i = 0; i < value.size; i++) {
    if (blank(value.data[i])) {
      gap = started;
      continue;
    }
    if (gap)
      text_puts(out, " ");
    text_add(out, value.data + i, 1);
    started = true;
    gap = false;
  }
}

static void add_name(struct text *out, struct slice name) {
  for (size_t i = 0; i < name.size; i++)
    text_add(out, (char[]){lower(name.data[i])}, 1);
}

static void add_headers(struct text *out, struct text *names, const struct header *all, size_t n) {
  for (size_t i = 0; i < n; i++) {
    bool repeated = i && compare_names(all[i].name, all[i - 1].name) == 0;
    if (repeated)
      text_puts(out, ",");
    else {
      if (i)
        text_puts(out, "\n");
      if (i)
        text_puts(names, ";");
      add_name(out, all[i].name);
      add_name(names, all[i].name);
      text_puts(out, ":");
    }
    add_value(out, all[i].value);
  }
  text_puts(out, "\n");
}

static bool canonical_headers(const struct sigv4_request *request, struct text *out, struct text *names) {
  struct header *all = calloc(request->n_headers + 1, sizeof *all);
  if (!all)
    return false;
  for (size_t i = 0; i < request->n_headers; i++)
    all[i] = (struct header){request->headers[i].name, request->headers[i].value, i};
  qsort(all, request->n_headers, sizeof *all, by_name_and_arrival);
  add_headers(out, names, all, request->n_headers);
  free(all);
  return !out->failed && !names->failed;
}

bool sigv4_canonical_request(const struct sigv4_request *request, struct text *out, struct text *signed_headers) {
  text_printf(out, "%s\n", request->method);
  bool ok = sigv4_canonical_path(request->path, request->fold_path, out);
  text_puts(out, "\n");
  ok = ok && sigv4_canonical_query(request->query, request->n_query, out);
  text_puts(out, "\n");
  ok = ok && canonical_headers(request, out, signed_headers);
  text_printf(out, "\n%s\n%s", text_get(signed_headers), request->payload_hash);
  return ok && !out->failed && !signed_headers->failed;
}
