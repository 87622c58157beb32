/* Walks over random trees give what is there, in order, whatever the server is like; and with few requests. */
#include "../check.h"
#include "fake_s3.h"
#include "list/level.h"
#include "list/walk.h"
#include <stdlib.h>

static struct bucket bucket = {.name = "bucket"};

struct found {
  char **keys;
  size_t count;
};

static void found_add(struct found *found, const char *key) {
  if ((found->count & (found->count + 1)) == 0)
    found->keys = realloc(found->keys, 2 * (found->count + 1) * sizeof *found->keys);
  found->keys[found->count++] = strdup(key);
}

static void found_clear(struct found *found) {
  for (size_t i = 0; i < found->count; i++)
    free(found->keys[i]);
  free(found->keys);
  *found = (struct found){.keys = NULL};
}

/* Lists all; tries again where that may help. */
static int list(const char *prefix, const char *after, size_t requests, struct found *found, struct sluice_error *err) {
  struct walk walk;
  struct walk_query query = {
      .bucket = &bucket, .prefix = prefix, .after = after, .kind = PAGE_FLAT, .list_requests = requests};
  struct pager_item item;
  int status = walk_open(&walk, &query, err);
  while (status == SLUICE_OK || status == SLUICE_ERR_RETRY) {
    if (status == SLUICE_ERR_RETRY)
      *err = (struct sluice_error){.message = ""};
    status = walk_peek(&walk, &item, err);
    if (status == SLUICE_OK) {
      assert_true(item.entry->kind == LISTING_OBJECT);
      found_add(found, listing_text(item.page, item.entry->key));
      walk_skip(&walk);
    }
  }
  walk_close(&walk);
  return status;
}

static void expect(const char *prefix, const char *after, size_t requests) {
  struct found found = {.keys = NULL};
  struct sluice_error err = {.message = ""};
  size_t n = 0;
  int status = list(prefix, after, requests, &found, &err);
  if (status != SLUICE_END)
    fail_msg("prefix \"%s\", after \"%s\", %zu requests, quirks %d: %d %s", prefix, after, requests, fake.quirks,
             status, err.message);
  for (size_t i = 0; i < fake.count; i++) {
    const char *key = fake.keys[i].key;
    if (strncmp(key, prefix, strlen(prefix)) != 0 || strcmp(key, after) <= 0)
      continue;
    if (n >= found.count || strcmp(found.keys[n], key) != 0)
      fail_msg("prefix \"%s\", after \"%s\", %zu requests, quirks %d: key %zu is \"%s\", not \"%s\"", prefix, after,
               requests, fake.quirks, n, n < found.count ? found.keys[n] : "(end)", key);
    n++;
  }
  assert_int_equal(n, found.count);
  assert_int_equal(fake.in_flight, 0);
  assert_int_equal(fake.pages, 0);
  found_clear(&found);
}

/* ---- trees ---- */

static const char *const names[] = {
    "a", "a-", "a.", "a0", "b", "", "ab", "~", " ", "+", "%", "\n", "\xc3\xa9", "\xf0\x9f\x98\x80", "z", "a b"};

static void random_key(char *out, size_t size) {
  size_t depth = 1 + fake_random(fake_random(4) == 0 ? 9 : 4), n = 0;
  out[0] = 0;
  for (size_t i = 0; i < depth; i++) {
    const char *name = names[fake_random(i == 0 ? 4 : sizeof names / sizeof names[0])];
    n += (size_t)snprintf(out + n, size - n, "%s%s", i ? "/" : "", name);
  }
  if (fake_random(8) == 0)
    snprintf(out + n, size - n, "/"); /* a folder marker */
}

static void random_tree(size_t count) {
  char key[256];
  for (size_t i = 0; i < count; i++) {
    random_key(key, sizeof key);
    if (key[0])
      fake_add(key);
  }
  fake_sort();
  size_t kept = 0;
  for (size_t i = 0; i < fake.count; i++) {
    if (kept && strcmp(fake.keys[kept - 1].key, fake.keys[i].key) == 0)
      free(fake.keys[i].key);
    else
      fake.keys[kept++] = fake.keys[i];
  }
  fake.count = kept;
}

enum { TREES = 160 };
static void random_trees(void **state) {
  (void)state;
  static const int quirks[] = {0,
                               FAKE_SLOW,
                               FAKE_MOODY,
                               FAKE_MOODY | FAKE_IGNORES_START,
                               FAKE_MOODY | FAKE_SHOWS_START,
                               FAKE_MOODY | FAKE_NO_DELIMITER,
                               FAKE_MOODY | FAKE_EMPTY_PAGES,
                               FAKE_SLOW | FAKE_SHOWS_START};
  static const char *const prefixes[] = {"", "a", "a/", "a//", "none"};
  size_t runs = 0;
  for (unsigned seed = 1; seed <= TREES; seed++) {
    fake_clear();
    fake.random = seed;
    random_tree(1 + fake_random(seed % 8 == 0 ? 600 : 120));
    fake.page = 1 + fake_random(9);
    fake.quirks = quirks[seed % (sizeof quirks / sizeof quirks[0])];
    fake.fail_every = seed % 3 == 0 ? 10 : 0;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
      const char *after = fake_random(2) ? fake.keys[fake_random((unsigned)fake.count)].key : "";
      expect(prefixes[i], after, 1);
      expect(prefixes[i], after, 2 + fake_random(3));
      expect(prefixes[i], after, 16);
      runs += 3;
    }
  }
  print_message("%zu listings of %d random trees\n", runs, TREES);
  fake_clear();
}

static void denied_folders(void **state) {
  (void)state;
  static const int quirks[] = {FAKE_DENIES_DELIMITER, FAKE_DENIES_FOLDERS};
  for (unsigned seed = 1; seed <= 60; seed++) {
    fake_clear();
    fake.random = seed;
    random_tree(300);
    fake.page = 1 + fake_random(6);
    fake.allowed = seed % 2 ? "a/" : "";
    fake.quirks = quirks[seed % 4 / 2] | (seed % 8 < 4 ? FAKE_MOODY : FAKE_SLOW);
    expect(fake.allowed, "", 16);
  }
  fake_clear();
}

static void a_path_that_is_denied(void **state) {
  (void)state;
  struct found found = {.keys = NULL};
  struct sluice_error err = {.message = ""};
  fake_clear();
  fake_add("a/b");
  fake.quirks = FAKE_DENIES_FOLDERS;
  fake.allowed = "other/";
  assert_int_equal(list("a/", "", 16, &found, &err), SLUICE_ERR_AUTH);
  found_clear(&found);
  fake_clear();
}

/* ---- how many requests ---- */

static void add_folders(unsigned folders, unsigned keys) {
  char key[64];
  for (unsigned i = 0; i < folders; i++)
    for (unsigned j = 0; j < keys; j++) {
      snprintf(key, sizeof key, "data/%05u/part-%05u", i, j);
      fake_add(key);
    }
}

static void large_folders_go_side_by_side(void **state) {
  (void)state;
  fake_clear();
  add_folders(300, 100);
  fake.page = 100;
  fake.quirks = FAKE_SLOW;
  expect("", "", 16);
  print_message("300 folders of a page each: %zu requests, at most %zu at once, at most %zu pages\n", fake.requests,
                fake.most_in_flight, fake.most_pages);
  assert_in_range(fake.requests, 300, 320);
  assert_in_range(fake.most_in_flight, 15, 17);
  assert_true(fake.most_pages <= 2 * 16 + 8 + 4);
  fake_clear();
}

static void deep_folders_hold_few_pages(void **state) {
  (void)state;
  fake_clear();
  fake.random = 7;
  for (unsigned i = 0; i < 40000; i++) {
    char key[128];
    snprintf(key, sizeof key, "%u/%u/%u/%u/%05u", fake_random(4), fake_random(4), fake_random(6), fake_random(8), i);
    fake_add(key);
  }
  fake_sort();
  fake.page = 20;
  fake.quirks = FAKE_SLOW;
  expect("", "", 4);
  print_message("a deep tree: %zu requests for %zu pages, at most %zu at once, at most %zu pages\n", fake.requests,
                fake.count / fake.page, fake.most_in_flight, fake.most_pages);
  assert_true(fake.most_pages <= 2 * 4 + 8 + 4);
  assert_true(fake.requests < 4 * fake.count / fake.page);
  fake_clear();
}

static void one_key_a_folder_costs_little_more_than_flat(void **state) {
  (void)state;
  fake_clear();
  add_folders(20000, 1);
  fake.page = 100;
  fake.quirks = FAKE_SLOW;
  expect("", "", 16);
  print_message("20000 folders of one key: %zu requests for 200 pages\n", fake.requests);
  assert_true(fake.requests < 600);
  fake_clear();
}

static void a_flat_folder_costs_nothing_more(void **state) {
  (void)state;
  fake_clear();
  add_folders(1, 20000);
  fake.page = 100;
  fake.quirks = FAKE_SLOW;
  expect("", "", 16);
  print_message("one folder of 200 pages: %zu requests\n", fake.requests);
  assert_true(fake.requests <= 210);
  fake_clear();
}

/* Keys may be nested deeper than levels may. */
static void very_deep_keys(void **state) {
  (void)state;
  char key[3000];
  fake_clear();
  for (size_t n = 10; n < sizeof key; n += 10) {
    memset(key, '/', n);
    snprintf(key + n, sizeof key - n, "x");
    fake_add(key);
  }
  fake_sort();
  fake.page = 2;
  fake.quirks = FAKE_SLOW;
  expect("", "", 16);
  fake_clear();
}

/* More levels are open than pages may be held: the outer ones are closed, and opened again where they were. */
static void nested_levels_give_way(void **state) {
  (void)state;
  char key[256];
  fake_clear();
  for (unsigned depth = 0; depth < 40; depth++)
    for (unsigned i = 0; i < 30; i++) {
      for (unsigned j = 0; j < depth; j++)
        memcpy(key + 2 * j, "d/", 2);
      snprintf(key + 2 * depth, sizeof key - 2 * depth, "%s%02u", i < 20 ? "e" : "d/0", i);
      fake_add(key);
    }
  fake_sort();
  fake.page = 3;
  fake.quirks = FAKE_MOODY;
  for (size_t requests = 2; requests <= 4; requests++)
    expect("", "", requests);
  assert_true(fake.most_pages <= 2 * 4 + 8 + 4);
  fake_clear();
}

/* ---- what cannot be trusted ---- */

#define ENTRY(key) "<Contents><Key>" key "</Key><Size>1</Size></Contents>"
#define FOLDER(prefix) "<CommonPrefixes><Prefix>" prefix "</Prefix></CommonPrefixes>"
#define PAGE(more, inside)                                                                                             \
  "<ListBucketResult><IsTruncated>" more "</IsTruncated><NextContinuationToken>t</NextContinuationToken>" inside       \
  "</ListBucketResult>"

static void distrusts(const char *body, enum page_kind kind, const char *why) {
  struct pager pager = {.held = 0};
  struct pager_query query = {.bucket = &bucket, .prefix = "a/", .after = "", .kind = kind};
  struct pager_item item;
  struct sluice_error err = {.message = ""};
  fake_clear();
  fake.body = body;
  int status = pager_open(&pager, &query, &err);
  for (int i = 0; i < 10 && status == SLUICE_OK; i++) {
    status = pager_peek(&pager, &item, &err);
    pager_skip(&pager);
  }
  pager_fetch(&pager);
  if (status != SLUICE_ERR_DATA || !strstr(err.message, why))
    fail_msg("%s: %d \"%s\", not \"%s\"", body, status, err.message, why);
  struct sluice_error again = {.message = ""}; /* nor is it trusted when it is looked at again */
  assert_int_equal(pager_peek(&pager, &item, &again), SLUICE_ERR_DATA);
  pager_close(&pager);
  fake_clear();
}

static void hostile_listings(void **state) {
  (void)state;
  distrusts(PAGE("false", ENTRY("b")), PAGE_FLAT, "outside the prefix");
  distrusts(PAGE("false", ENTRY("a/b") ENTRY("a/a")), PAGE_FLAT, "byte order");
  distrusts(PAGE("false", ENTRY("a/b") ENTRY("a/b")), PAGE_FLAT, "byte order");
  distrusts(PAGE("true", ENTRY("a/b")), PAGE_FLAT, "byte order");
  distrusts(PAGE("true", ""), PAGE_FLAT, "token came twice");
  distrusts(PAGE("false", FOLDER("a/b/")), PAGE_FLAT, "no delimiter");
  distrusts(PAGE("false", FOLDER("b/")), PAGE_FOLDERS, "outside the prefix");
  distrusts(PAGE("false", FOLDER("a/b")), PAGE_FOLDERS, "no folder");
  distrusts(PAGE("false", FOLDER("a/")), PAGE_FOLDERS, "no folder");
  distrusts(PAGE("false", FOLDER("a/b/c/")), PAGE_FOLDERS, "no folder");
  distrusts(PAGE("false", FOLDER("a/b/") FOLDER("a/b/")), PAGE_FOLDERS, "byte order");
  distrusts(PAGE("false", FOLDER("a/c/") FOLDER("a/b/")), PAGE_FOLDERS, "byte order");
  distrusts(PAGE("false", ENTRY("a/b/") FOLDER("a/b/")), PAGE_FOLDERS, "byte order");
}

/* The same folders for ever, whatever is asked. */
static void folders_that_never_end(void **state) {
  (void)state;
  struct found found = {.keys = NULL};
  struct sluice_error err = {.message = ""};
  fake_clear();
  fake.body =
      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>" FOLDER(
          "a/") "</ListBucketResult>";
  assert_int_equal(list("", "", 16, &found, &err), SLUICE_ERR_DATA);
  found_clear(&found);
  fake_clear();
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_trees),
                                     cmocka_unit_test(denied_folders),
                                     cmocka_unit_test(a_path_that_is_denied),
                                     cmocka_unit_test(large_folders_go_side_by_side),
                                     cmocka_unit_test(deep_folders_hold_few_pages),
                                     cmocka_unit_test(one_key_a_folder_costs_little_more_than_flat),
                                     cmocka_unit_test(a_flat_folder_costs_nothing_more),
                                     cmocka_unit_test(very_deep_keys),
                                     cmocka_unit_test(nested_levels_give_way),
                                     cmocka_unit_test(hostile_listings),
                                     cmocka_unit_test(folders_that_never_end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
