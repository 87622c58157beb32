/* Every plugin that must be refused is refused in one clear line, by listing or by loading, and the host goes on.
 * Environment: SLUICE_TEST_PLUGINS, the folder of the plugins made of bad.c. */
#include "core/load/registry.h"
#include "core/log/log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static void path_of(const char *name, char out[256]) {
  snprintf(out, 256, "%s/%s", dir, name);
}

static void *read_plugin(const char *name, size_t *size) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s.so", getenv("SLUICE_TEST_PLUGINS"), name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  void *bytes = malloc(*size);
  assert_int_equal(fread(bytes, 1, *size, file), *size);
  fclose(file);
  return bytes;
}

static void write_plugin(const char *name, const void *bytes, size_t size) {
  char path[256];
  path_of(name, path);
  unlink(path); /* a library that is loaded must not change under us */
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  fclose(file);
}

static void copy_plugin(const char *name, const char *as) {
  size_t size;
  void *bytes = read_plugin(name, &size);
  write_plugin(as, bytes, size);
  free(bytes);
}

/* Each test has a folder of its own with one good plugin in it. */
static int make_folder(void **state) {
  (void)state;
  snprintf(dir, sizeof dir, "/tmp/sluice-abi-XXXXXX");
  if (!mkdtemp(dir))
    return 1;
  copy_plugin("sink-good", "sink-good.so");
  log_setup(LOG_TEXT, SLUICE_ERROR); /* refusals are warnings, and looked at below */
  return 0;
}

static int remove_folder(void **state) {
  char command[128];
  (void)state;
  chmod(dir, 0700);
  snprintf(command, sizeof command, "rm -r '%s'", dir);
  return system(command);
}

static struct registry *look(void) {
  struct registry *registry = NULL;
  struct sluice_error err = {0};
  const char *const dirs[] = {dir};
  setenv("SLUICE_PLUGIN_PATH", "", 1);
  assert_int_equal(registry_create(dirs, 1, &registry, &err), SLUICE_OK);
  return registry;
}

/* The refusal of that file, which names it. */
static const char *refusal_of(const struct registry *registry, const char *name) {
  char path[256];
  path_of(name, path);
  for (size_t i = 0; i < registry_refusal_count(registry); i++)
    if (strncmp(registry_refusal(registry, i), path, strlen(path)) == 0)
      return registry_refusal(registry, i);
  return NULL;
}

static void expect_refusal(const struct registry *registry, const char *name, const char *part) {
  const char *line = refusal_of(registry, name);
  if (!line)
    fail_msg("%s was not refused", name);
  if (!strstr(line, part))
    fail_msg("\"%s\" does not contain \"%s\"", line, part);
  assert_null(strchr(line, '\n'));
}

static void good_one_loads(struct registry *registry) {
  const struct registry_component *component = NULL;
  struct sluice_error err = {0};
  if (registry_find(registry, SLUICE_SINK, "good", &component, &err) != SLUICE_OK)
    fail_msg("%s: %s", err.where, err.message);
  assert_string_equal(component->base.name, "good");
  assert_non_null(component->sink.writer);
}

static void refused_at_listing(const char *name, const char *part) {
  struct registry *registry = look();
  expect_refusal(registry, name, part);
  good_one_loads(registry);
  registry_destroy(registry);
}

static void files_that_are_no_plugins(void **state) {
  char path[256];
  (void)state;
  write_plugin("sink-text.so", "#!/bin/sh\necho no\n", 18);
  write_plugin("sink-empty.so", "", 0);
  write_plugin("notes.txt", "not looked at", 13);
  path_of("sink-folder.so", path);
  assert_int_equal(mkdir(path, 0755), 0);
  path_of("sink-fifo.so", path);
  assert_int_equal(mkfifo(path, 0644), 0);
  copy_plugin("sink-nonote", "sink-nonote.so");
  struct registry *registry = look();
  expect_refusal(registry, "sink-text.so", "not an ELF file");
  expect_refusal(registry, "sink-empty.so", "not an ELF file");
  expect_refusal(registry, "sink-folder.so", "not a regular file");
  expect_refusal(registry, "sink-fifo.so", "not a regular file");
  expect_refusal(registry, "sink-nonote.so", "no Sluice note");
  assert_int_equal(registry_refusal_count(registry), 5);
  assert_int_equal(registry_count(registry), 1);
  good_one_loads(registry);
  registry_destroy(registry);
}

static void files_that_others_can_write(void **state) {
  char path[256];
  (void)state;
  copy_plugin("sink-good", "sink-open.so");
  path_of("sink-open.so", path);
  assert_int_equal(chmod(path, 0777), 0);
  refused_at_listing("sink-open.so", "can be written by everybody");
  assert_int_equal(chmod(dir, 0777), 0);
  struct registry *registry = look();
  assert_int_equal(registry_count(registry), 0);
  assert_non_null(strstr(registry_refusal(registry, 0), "the folder can be written by everybody"));
  registry_destroy(registry);
}

static void wrong_majors(void **state) {
  (void)state;
  copy_plugin("sink-notemajor", "sink-notemajor.so");
  refused_at_listing("sink-notemajor.so", "built for plugin contract 2, this sluice has 1");
  copy_plugin("sink-othertext", "sink-othertext.so");
  refused_at_listing("sink-othertext.so", "not \"KIND NAME VERSION\"");
}

static void refused_at_loading(const char *name, const char *part) {
  char from[64], file[64];
  struct sluice_error err = {0}, again = {0};
  const struct registry_component *component = NULL;
  snprintf(from, sizeof from, "sink-%s", name);
  snprintf(file, sizeof file, "sink-%s.so", name);
  copy_plugin(from, file);
  struct registry *registry = look();
  assert_null(refusal_of(registry, file)); /* listing runs no code, and cannot know yet */
  assert_int_equal(registry_find(registry, SLUICE_SINK, name, &component, &err), SLUICE_ERR_CONFIG);
  assert_null(component);
  if (!strstr(err.message, part))
    fail_msg("\"%s\" does not contain \"%s\"", err.message, part);
  assert_non_null(strstr(err.message, file));
  expect_refusal(registry, file, part);
  assert_int_equal(registry_find(registry, SLUICE_SINK, name, &component, &again), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(again.message, part));
  assert_int_equal(registry_refusal_count(registry), 1); /* said once */
  good_one_loads(registry);
  registry_destroy(registry);
}

static void plugins_that_break_the_contract(void **state) {
  (void)state;
  refused_at_loading("nowriter", "sink-nowriter: required function `writer` is missing");
  refused_at_loading("major", "built for plugin contract 2");
  refused_at_loading("nosymbol", "does not export the symbol sluice_plugin_v1");
  refused_at_loading("function", "too small or no data");
  refused_at_loading("othername", "its base says sink other 1.0.0");
  refused_at_loading("othercount", "it has 2 components, its note 1");
  refused_at_loading("badoptions", "outside the config struct");
  refused_at_loading("nobase", "its base is missing");
  refused_at_loading("small", "its struct_size is 16");
}

/* Where the file's note starts. */
static size_t find_note(const unsigned char *bytes, size_t size) {
  for (size_t i = 12; i + 8 <= size; i++)
    if (memcmp(bytes + i, "Sluice\0", 8) == 0 && bytes[i - 12] == 7)
      return i - 12;
  fail_msg("the good plugin has no note");
  return 0;
}

static void files_cut_short(void **state) {
  size_t size;
  (void)state;
  unsigned char *bytes = read_plugin("sink-good", &size);
  static const size_t cuts[] = {1, 4, 17, 63, 64, 65, 100, 300, 700};
  for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
    write_plugin("sink-cut.so", bytes, cuts[i]);
    refused_at_listing("sink-cut.so", cuts[i] < 4 ? "not an ELF file" : "cut short");
  }
  Elf64_Ehdr header;
  memcpy(&header, bytes, sizeof header);
  size_t end = 0; /* of what is loaded; section headers behind it are not needed */
  for (size_t i = 0; i < header.e_phnum; i++) {
    Elf64_Phdr segment;
    memcpy(&segment, bytes + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_LOAD && segment.p_offset + segment.p_filesz > end)
      end = segment.p_offset + segment.p_filesz;
  }
  write_plugin("sink-cut.so", bytes, end - 1);
  refused_at_listing("sink-cut.so", "cut short");
  free(bytes);
}

static void patch(size_t offset, uint64_t value, size_t width, const char *part) {
  size_t size;
  unsigned char *bytes = read_plugin("sink-good", &size);
  memcpy(bytes + offset, &value, width);
  write_plugin("sink-patched.so", bytes, size);
  refused_at_listing("sink-patched.so", part);
  free(bytes);
}

static void hostile_numbers(void **state) {
  size_t size;
  (void)state;
  unsigned char *bytes = read_plugin("sink-good", &size);
  size_t note = find_note(bytes, size);
  Elf64_Ehdr header;
  memcpy(&header, bytes, sizeof header);
  size_t segment = 0;
  for (size_t i = 0; i < header.e_phnum && !segment; i++) {
    Elf64_Phdr it;
    size_t at = header.e_phoff + i * sizeof it;
    memcpy(&it, bytes + at, sizeof it);
    if (it.p_type == PT_NOTE && it.p_offset <= note && note < it.p_offset + it.p_filesz)
      segment = at;
  }
  free(bytes);
  assert_true(segment > 0);
  patch(offsetof(Elf64_Ehdr, e_phoff), UINT64_MAX - 10, 8, "cut short");
  patch(offsetof(Elf64_Ehdr, e_phnum), 0xffff, 2, "program header is broken");
  patch(offsetof(Elf64_Ehdr, e_phnum), 0, 2, "program header is broken");
  patch(offsetof(Elf64_Ehdr, e_phentsize), 1, 2, "program header is broken");
  patch(offsetof(Elf64_Ehdr, e_machine), EM_MIPS, 2, "another machine");
  patch(EI_CLASS, ELFCLASS32, 1, "another machine");
  patch(EI_DATA, ELFDATA2MSB, 1, "another machine");
  patch(offsetof(Elf64_Ehdr, e_type), ET_EXEC, 2, "not a shared object");
  patch(segment + offsetof(Elf64_Phdr, p_filesz), UINT64_MAX, 8, "cut short");
  patch(segment + offsetof(Elf64_Phdr, p_offset), UINT64_MAX, 8, "cut short");
  patch(segment + offsetof(Elf64_Phdr, p_offset), size - 4, 8, "cut short");
  patch(note, UINT32_MAX, 4, "ELF note in it is broken");     /* the name's size */
  patch(note + 4, UINT32_MAX, 4, "ELF note in it is broken"); /* the content's */
  patch(note + 4, 8, 4, "wrong size");
  patch(note + 8, 2, 4, "no Sluice note"); /* another type */
  patch(note + 20 + offsetof(struct sluice_note, pointer_size), 4, 4, "pointers have another size");
  patch(note + 20 + offsetof(struct sluice_note, kinds), 0, 4, "not \"KIND NAME VERSION\"");
  patch(note + 20 + offsetof(struct sluice_note, text), 0, 1, "not \"KIND NAME VERSION\"");
  patch(note + 20 + offsetof(struct sluice_note, text), UINT64_MAX, 8, "not \"KIND NAME VERSION\"");
}

static void note_text_without_end(void **state) {
  size_t size;
  (void)state;
  unsigned char *bytes = read_plugin("sink-good", &size);
  memset(bytes + find_note(bytes, size) + 20 + offsetof(struct sluice_note, text), 'x', 224);
  write_plugin("sink-endless.so", bytes, size);
  refused_at_listing("sink-endless.so", "has no end");
  free(bytes);
}

static void names_are_looked_up(void **state) {
  const struct registry_component *component = NULL;
  struct sluice_error err = {0};
  (void)state;
  copy_plugin("sink-good", "sink-twin.so"); /* a second file with the same component */
  copy_plugin("sink-other", "sink-other.so");
  struct registry *registry = look();
  assert_int_equal(registry_find(registry, SLUICE_SINK, "good", &component, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "several plugins called 'good'"));
  assert_non_null(strstr(err.message, "sink-twin.so"));
  err = (struct sluice_error){0};
  assert_int_equal(registry_find(registry, SLUICE_SINK, "othr", &component, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "did you mean 'other'?"));
  err = (struct sluice_error){0};
  assert_int_equal(registry_find(registry, SLUICE_SOURCE, "other", &component, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "there are: none"));
  err = (struct sluice_error){0};
  assert_int_equal(registry_find(registry, 0, "sink-other", &component, &err), SLUICE_OK);
  assert_string_equal(component->entry.full_name, "sink-other");
  assert_null(registry_extension(component, "sluice.check/1"));
  assert_int_equal(registry_source_for_scheme(registry, "s3", &component, &err), SLUICE_ERR_CONFIG);
  assert_non_null(strstr(err.message, "no plugin reads s3://"));
  registry_destroy(registry);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      CASE(files_that_are_no_plugins),
      CASE(files_that_others_can_write),
      CASE(wrong_majors),
      CASE(files_cut_short),
      CASE(plugins_that_break_the_contract),
      CASE(hostile_numbers),
      CASE(note_text_without_end),
      CASE(names_are_looked_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
