/* Writing to descriptors: whole, without signals, errors told apart. */
#ifndef SINK_FILE_DISK_H
#define SINK_FILE_DISK_H
#include <sluice/sdk.h>
#include <sys/types.h>

/* Writes all at this offset. RETRY: the disk is full; CONFIG: anything else that a person must see to. What was written
 * before the error is still there. No SIGXFSZ ever comes of it. */
int disk_write(int fd, const char *path, const void *bytes, size_t n, int64_t offset, struct sluice_error *);
int disk_fail(struct sluice_error *, const char *path, const char *what, int number);
/* Makes a change in the folder of this path (a new name) durable. */
int disk_sync_folder(const char *path, struct sluice_error *);
/* Makes the folders that lead to this path. */
int disk_make_folders(const char *path, struct sluice_error *);

/* write(2) without SIGPIPE and SIGXFSZ; -1 and errno. */
ssize_t disk_quiet_write(int fd, const void *bytes, size_t n);

#endif
