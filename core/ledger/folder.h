/* The ledger folder: the paths of its files, and who has them. Also for what others keep there beside the ledgers,
 * under names that are no job's. */
#ifndef LEDGER_FOLDER_H
#define LEDGER_FOLDER_H
#include <sluice/sdk.h>
#include <stdbool.h>

/* CONFIG: no name of a job. */
int ledger_check_job(const char *job, struct sluice_error *err);
/* DIR/JOB and the suffix, malloc'ed. */
int ledger_path(const char *dir, const char *job, const char *suffix, char **out, struct sluice_error *err);
int ledger_make_dir(const char *dir, struct sluice_error *err);
int ledger_sync_dir(const char *dir, struct sluice_error *err);
bool ledger_can_write_beside(const char *path); /* files can be made in its folder */

/* RETRY: another process (named in the message) has it. *out is closed to give it back. */
int ledger_lock_take(const char *path, const char *job, int *out, struct sluice_error *err);
bool ledger_lock_held(const char *path);                /* by anyone; takes nothing */
bool ledger_is_owned(const char *dir, const char *job); /* the same for a job */

#endif
