/* Runs a fuzz target over files and folders of files, once each: the corpus as an ordinary test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    return 1;
  }
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  uint8_t *data = malloc(size > 0 ? (size_t)size : 1); /* exact size, so that a sanitizer sees reads past the end */
  size_t got = data ? fread(data, 1, (size_t)size, file) : 0;
  fclose(file);
  LLVMFuzzerTestOneInput(data, got);
  free(data);
  return 0;
}

static int run_folder(const char *path, int *count) {
  DIR *dir = opendir(path);
  int failed = 0;
  for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
    char name[4096];
    if (e->d_name[0] == '.')
      continue;
    snprintf(name, sizeof name, "%s/%s", path, e->d_name);
    failed |= run_file(name);
    ++*count;
  }
  if (dir)
    closedir(dir);
  return failed;
}

int main(int argc, char **argv) {
  int failed = 0, count = 0;
  for (int i = 1; i < argc; i++) {
    struct stat info;
    if (stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode))
      failed |= run_folder(argv[i], &count);
    else {
      failed |= run_file(argv[i]);
      ++count;
    }
  }
  printf("%d inputs\n", count);
  return failed || count == 0;
}
