/* The keys of a bucket in byte order, kept between requests and made anew when a folder changes. */
#include "listing.h"
#include "synthetic.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A folder changed this shortly before the scan may change again without a new time stamp. */
enum { CLOCK_GRAIN_NS = 50 * 1000 * 1000 };

struct folder {
  char *path; /* from the bucket on, with a slash at its end; "" is the bucket itself */
  int64_t changed_ns;
};

struct listing {
  atomic_int users;
  uint64_t synthetic; /* that many generated keys instead of the fields below */
  char *bucket, *arena;
  size_t arena_len, arena_cap;
  size_t *offsets, count, cap;
  struct folder *folders;
  size_t folder_count, folder_cap;
  int64_t scanned_ns;
  struct listing *next;
};

struct listings {
  int root;
  bool never_again;
  pthread_mutex_t lock;
  struct listing *first;
  uint64_t scans;
};

static int64_t nanoseconds(const struct timespec *t) {
  return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static bool grow(void **items, size_t *cap, size_t need, size_t size) {
  if (need <= *cap)
    return true;
  size_t n = *cap ? *cap * 2 : 1024;
  while (n < need)
    n *= 2;
  void *grown = n < SIZE_MAX / 2 / size ? realloc(*items, n * size) : NULL;
  if (!grown)
    return false;
  *items = grown;
  *cap = n;
  return true;
}

static bool add_key(struct listing *l, const char *folder, const char *name) {
  char key[KEY_SIZE];
  int n = snprintf(key, sizeof key, "%s%s", folder, name);
  if (n < 0 || (size_t)n >= sizeof key)
    return true; /* no S3 key is so long: not to be seen */
  size_t size = (size_t)n + 1;
  if (!grow((void **)&l->arena, &l->arena_cap, l->arena_len + size, 1) ||
      !grow((void **)&l->offsets, &l->cap, l->count + 1, sizeof *l->offsets))
    return false;
  memcpy(l->arena + l->arena_len, key, size);
  l->offsets[l->count++] = l->arena_len;
  l->arena_len += size;
  return true;
}

static bool add_folder(struct listing *l, const char *parent, const char *name) {
  struct text path = {0};
  text_printf(&path, *name ? "%s%s/" : "%s%s", parent, name);
  if (path.failed || !grow((void **)&l->folders, &l->folder_cap, l->folder_count + 1, sizeof *l->folders)) {
    text_finish(&path);
    return false;
  }
  l->folders[l->folder_count++] = (struct folder){path.data, 0};
  return true;
}

/* A link to a file is a file; a link to a folder is not followed, since it could lead in a circle. */
static mode_t kind_of(int dir, const struct dirent *e) {
  struct stat st;
  if (e->d_type == DT_REG)
    return S_IFREG;
  if (e->d_type == DT_DIR)
    return S_IFDIR;
  if (fstatat(dir, e->d_name, &st, e->d_type == DT_LNK ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
    return 0;
  return e->d_type == DT_LNK && S_ISDIR(st.st_mode) ? 0 : st.st_mode & S_IFMT;
}

static bool add_entry(struct listing *l, int dir, const char *folder, const struct dirent *e) {
  if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
      strncmp(e->d_name, LISTING_TEMPORARY, strlen(LISTING_TEMPORARY)) == 0)
    return true;
  mode_t kind = kind_of(dir, e);
  if (kind == S_IFREG)
    return add_key(l, folder, e->d_name);
  return kind != S_IFDIR || add_folder(l, folder, e->d_name);
}

/* Reads one folder; an empty one is a folder marker: a key of no bytes that ends with a slash. */
static bool scan_folder(struct listing *l, int bucket, size_t index) {
  char folder[PATH_MAX];
  struct stat st;
  if (!text_copy(folder, sizeof folder, l->folders[index].path))
    return true;
  int fd = openat(bucket, *folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
  if (!dir) {
    if (fd >= 0)
      close(fd);
    return index > 0; /* a folder may go while we look; the bucket may not */
  }
  if (fstat(fd, &st) == 0)
    l->folders[index].changed_ns = nanoseconds(&st.st_mtim);
  size_t before = l->count + l->folder_count;
  bool ok = true;
  for (struct dirent *e = readdir(dir); e && ok; e = readdir(dir))
    ok = add_entry(l, fd, folder, e);
  if (ok && index > 0 && l->count + l->folder_count == before)
    ok = add_key(l, folder, "");
  closedir(dir);
  return ok;
}

static int by_bytes(const void *a, const void *b, void *arena) {
  return strcmp((const char *)arena + *(const size_t *)a, (const char *)arena + *(const size_t *)b);
}

static void destroy(struct listing *l) {
  for (size_t i = 0; i < l->folder_count; i++)
    free(l->folders[i].path);
  free(l->folders);
  free(l->offsets);
  free(l->arena);
  free(l->bucket);
  free(l);
}

static struct listing *scan(int root, const char *name) {
  struct timespec now;
  struct listing *l = calloc(1, sizeof *l);
  int bucket = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = l && bucket >= 0;
  int why = errno;
  if (ok) {
    clock_gettime(CLOCK_REALTIME, &now);
    atomic_init(&l->users, 1);
    l->scanned_ns = nanoseconds(&now);
    l->bucket = strdup(name);
    ok = l->bucket && add_folder(l, "", "");
    for (size_t i = 0; ok && i < l->folder_count; i++)
      ok = scan_folder(l, bucket, i);
    why = ok ? 0 : ENOMEM;
  }
  if (bucket >= 0)
    close(bucket);
  if (!ok) {
    if (l)
      destroy(l);
    errno = why;
    return NULL;
  }
  if (l->count > 0)
    qsort_r(l->offsets, l->count, sizeof *l->offsets, by_bytes, l->arena);
  return l;
}

static bool still_true(const struct listings *all, const struct listing *l) {
  struct stat st;
  if (all->never_again)
    return true;
  int bucket = openat(all->root, l->bucket, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool same = bucket >= 0;
  for (size_t i = 0; same && i < l->folder_count; i++) {
    const char *path = l->folders[i].path;
    same = fstatat(bucket, *path ? path : ".", &st, 0) == 0 && nanoseconds(&st.st_mtim) == l->folders[i].changed_ns &&
           l->scanned_ns - l->folders[i].changed_ns > CLOCK_GRAIN_NS;
  }
  if (bucket >= 0)
    close(bucket);
  return same;
}

struct listings *listings_create(int root, bool never_again) {
  struct listings *l = calloc(1, sizeof *l);
  if (!l)
    return NULL;
  l->root = root;
  l->never_again = never_again;
  pthread_mutex_init(&l->lock, NULL);
  return l;
}

void listings_destroy(struct listings *l) {
  if (!l)
    return;
  for (struct listing *one = l->first; one;) {
    struct listing *next = one->next;
    listing_release(one);
    one = next;
  }
  pthread_mutex_destroy(&l->lock);
  free(l);
}

static struct listing *get_locked(struct listings *all, const char *bucket) {
  struct listing **at = &all->first;
  while (*at && strcmp((*at)->bucket, bucket) != 0)
    at = &(*at)->next;
  if (*at && still_true(all, *at))
    return *at;
  struct listing *fresh = scan(all->root, bucket), *old = *at;
  all->scans++;
  if (old) {
    *at = old->next;
    listing_release(old);
  }
  if (fresh) {
    fresh->next = all->first;
    all->first = fresh;
  }
  return fresh;
}

struct listing *listings_get(struct listings *all, const char *bucket) {
  pthread_mutex_lock(&all->lock);
  struct listing *l = get_locked(all, bucket);
  int why = errno;
  if (l)
    atomic_fetch_add(&l->users, 1);
  pthread_mutex_unlock(&all->lock);
  errno = why;
  return l;
}

struct listing *listing_synthetic(uint64_t count) {
  struct listing *l = calloc(1, sizeof *l);
  if (!l)
    return NULL;
  atomic_init(&l->users, 1);
  l->synthetic = count;
  return l;
}

void listing_release(struct listing *l) {
  if (l && atomic_fetch_sub(&l->users, 1) == 1)
    destroy(l);
}

size_t listing_count(const struct listing *l) {
  return l->synthetic ? (size_t)l->synthetic : l->count;
}

const char *listing_key(const struct listing *l, size_t i, char place[KEY_SIZE]) {
  if (!l->synthetic)
    return l->arena + l->offsets[i];
  synthetic_key(i, place, KEY_SIZE);
  return place;
}

/* The first key of which the first n bytes compare with those of `key` as `least` (0 or 1) or more. */
static size_t search(const struct listing *l, const char *key, size_t n, int least) {
  size_t low = 0, high = listing_count(l);
  char place[KEY_SIZE];
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strncmp(listing_key(l, middle, place), key, n) >= least)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

size_t listing_lower(const struct listing *l, const char *key) {
  return search(l, key, KEY_SIZE, 0);
}

size_t listing_after(const struct listing *l, const char *prefix, size_t n) {
  return search(l, prefix, n, 1);
}

uint64_t listings_scans(struct listings *l) {
  pthread_mutex_lock(&l->lock);
  uint64_t n = l->scans;
  pthread_mutex_unlock(&l->lock);
  return n;
}
