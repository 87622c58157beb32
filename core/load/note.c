/* Reading a plugin's note: every number in the file is taken for hostile. */
#include "core/load/note.h"
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEGMENT_LIMIT = 256, NOTE_LIMIT = 64 << 10, NOTE_TYPE = 1 };
static const char note_name[] = "Sluice";

#if defined(__x86_64__)
enum { NATIVE_MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { NATIVE_MACHINE = EM_AARCH64 };
#elif defined(__riscv)
enum { NATIVE_MACHINE = EM_RISCV };
#elif defined(__powerpc64__)
enum { NATIVE_MACHINE = EM_PPC64 };
#elif defined(__s390x__)
enum { NATIVE_MACHINE = EM_S390 };
#else
#error "name this machine's e_machine here"
#endif

struct file {
  int fd;
  uint64_t size;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct sluice_error *err, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int status = sluice_vfail(err, SLUICE_ERR_CONFIG, NULL, format, args);
  va_end(args);
  return status;
}

static int check_owner(const struct stat *info, const char *what, struct sluice_error *err) {
  if (info->st_mode & S_IWOTH)
    return refuse(err, "%s can be written by everybody: take that right away (chmod o-w)", what);
  if (info->st_uid != 0 && info->st_uid != geteuid())
    return refuse(err, "%s belongs to user %ld: it must belong to root or to the user that runs sluice", what,
                  (long)info->st_uid);
  return SLUICE_OK;
}

int note_check_folder(const char *path, struct sluice_error *err) {
  struct stat info;
  if (stat(path, &info) != 0)
    return refuse(err, "the folder cannot be read: %s", strerror(errno));
  if (!S_ISDIR(info.st_mode))
    return refuse(err, "it is not a folder");
  return check_owner(&info, "the folder", err);
}

static int read_at(const struct file *file, uint64_t offset, void *buf, size_t n, struct sluice_error *err) {
  if (offset > file->size || n > file->size - offset)
    return refuse(err, "the file is cut short or broken: build or copy it again");
  for (size_t done = 0; done < n;) {
    ssize_t got = pread(file->fd, (char *)buf + done, n - done, (off_t)(offset + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return refuse(err, "the file cannot be read: %s", got ? strerror(errno) : "it is cut short");
    done += (size_t)got;
  }
  return SLUICE_OK;
}

static int check_header(const ElfW(Ehdr) * header, struct sluice_error *err) {
  int class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
  int order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
    return refuse(err, "it is not an ELF file, so no plugin: remove it");
  if (header->e_ident[EI_CLASS] != class || header->e_ident[EI_DATA] != order || header->e_machine != NATIVE_MACHINE)
    return refuse(err, "it was built for another machine: build it for this one");
  if (header->e_type != ET_DYN)
    return refuse(err, "it is not a shared object: build it with -shared");
  if (header->e_phentsize != sizeof(ElfW(Phdr)) || header->e_phnum == 0 || header->e_phnum > SEGMENT_LIMIT)
    return refuse(err, "its ELF program header is broken: build it again");
  return SLUICE_OK;
}

static size_t padded(size_t n, size_t alignment) {
  return (n + alignment - 1) / alignment * alignment;
}

/* Looks through the notes of one segment. OK and *found; sizes are checked against what is left of it. */
static int find_note(const unsigned char *bytes, size_t size, size_t alignment, struct sluice_note *out, bool *found,
                     struct sluice_error *err) {
  ElfW(Nhdr) note;
  while (size >= sizeof note) {
    memcpy(&note, bytes, sizeof note);
    bytes += sizeof note;
    size -= sizeof note;
    size_t name = padded(note.n_namesz, alignment), content = padded(note.n_descsz, alignment);
    if (name > size || note.n_descsz > size - name)
      return refuse(err, "an ELF note in it is broken: build it again");
    bool ours = note.n_namesz == sizeof note_name && memcmp(bytes, note_name, sizeof note_name) == 0 &&
                note.n_type == NOTE_TYPE;
    if (ours && note.n_descsz != sizeof *out)
      return refuse(err, "its plugin note has a wrong size: build it with the Sluice SDK");
    if (ours)
      memcpy(out, bytes + name, sizeof *out);
    *found = *found || ours;
    size_t used = content > size - name ? size : name + content;
    bytes += used;
    size -= used;
  }
  return SLUICE_OK;
}

static int read_segment(const struct file *file, const ElfW(Phdr) * segment, struct sluice_note *out, bool *found,
                        struct sluice_error *err) {
  if (segment->p_offset > file->size || segment->p_filesz > file->size - segment->p_offset)
    return refuse(err, "the file is cut short: build or copy it again");
  if (segment->p_type != PT_NOTE || *found || segment->p_filesz == 0)
    return SLUICE_OK;
  if (segment->p_filesz > NOTE_LIMIT)
    return refuse(err, "its ELF notes are larger than 64 KiB: build it again");
  unsigned char *bytes = malloc((size_t)segment->p_filesz);
  if (!bytes)
    return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for its notes");
  int status = read_at(file, segment->p_offset, bytes, (size_t)segment->p_filesz, err);
  if (status == SLUICE_OK)
    status = find_note(bytes, (size_t)segment->p_filesz, segment->p_align == 8 ? 8 : 4, out, found, err);
  free(bytes);
  return status;
}

/* All segments are looked at, those to be loaded too: mapping a file that is cut short would kill the process later. */
static int read_segments(const struct file *file, struct sluice_note *out, struct sluice_error *err) {
  ElfW(Ehdr) header;
  bool found = false;
  int status = read_at(file, 0, &header, sizeof header, err);
  if (status == SLUICE_OK)
    status = check_header(&header, err);
  for (size_t i = 0; status == SLUICE_OK && i < header.e_phnum; i++) {
    ElfW(Phdr) segment;
    uint64_t offset;
    if (__builtin_add_overflow(header.e_phoff, i * sizeof segment, &offset))
      offset = UINT64_MAX;
    status = read_at(file, offset, &segment, sizeof segment, err);
    if (status == SLUICE_OK)
      status = read_segment(file, &segment, out, &found, err);
  }
  if (status == SLUICE_OK && !found)
    return refuse(err,
                  "it has no Sluice note, so it is no plugin: use SLUICE_PLUGIN of <sluice/sdk.h>, or remove the file");
  return status;
}

static int check_note(const struct sluice_note *note, struct sluice_error *err) {
  if (note->abi_major != SLUICE_ABI_MAJOR)
    return refuse(err, "it was built for plugin contract %u, this sluice has %d: build it with this version's SDK",
                  note->abi_major, SLUICE_ABI_MAJOR);
  if (note->pointer_size != sizeof(void *))
    return refuse(err, "its pointers have another size: build it for this machine");
  if (!memchr(note->text, 0, sizeof note->text))
    return refuse(err, "the text of its note has no end: use SLUICE_PLUGIN of <sluice/sdk.h>");
  return SLUICE_OK;
}

static int read_open(int fd, struct sluice_note *out, struct sluice_error *err) {
  struct stat info;
  struct sluice_note note;
  if (fstat(fd, &info) != 0)
    return refuse(err, "the file cannot be read: %s", strerror(errno));
  if (!S_ISREG(info.st_mode))
    return refuse(err, "it is not a regular file: remove it");
  int status = check_owner(&info, "the file", err);
  char magic[SELFMAG];
  struct file file = {fd, (uint64_t)info.st_size};
  if (status == SLUICE_OK && (pread(fd, magic, SELFMAG, 0) != SELFMAG || memcmp(magic, ELFMAG, SELFMAG) != 0))
    return refuse(err, "it is not an ELF file, so no plugin: remove it");
  if (status == SLUICE_OK)
    status = read_segments(&file, &note, err);
  if (status == SLUICE_OK)
    status = check_note(&note, err);
  if (status == SLUICE_OK)
    *out = note;
  return status;
}

int note_read(const char *path, struct sluice_note *out, struct sluice_error *err) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not make us wait */
  if (fd < 0)
    return refuse(err, "the file cannot be opened: %s", strerror(errno));
  int status = read_open(fd, out, err);
  close(fd);
  return status;
}
