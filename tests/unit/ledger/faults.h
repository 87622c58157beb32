/* Faults of the disk under the ledger: every write and sync of SQLite and of the reject file passes here. Link this
 * with a test; it takes the place of fdatasync, fsync and (by --wrap) pwrite. */
#ifndef LEDGER_FAULTS_H
#define LEDGER_FAULTS_H
#include <stdbool.h>

enum fault { FAULT_NONE, FAULT_DIE, FAULT_DIE_TORN, FAULT_ERROR };
void faults_install(void);                       /* into SQLite, once a process */
void faults_set(enum fault, int at, int number); /* from the at-th write or sync on; number: errno of FAULT_ERROR */
void faults_only_writes(bool on);                /* syncs do not count and do not fail */
int faults_seen(void);                           /* writes and syncs since faults_set */
const char *
faults_log(void); /* since faults_set: "w" write, "s" sync; capital: of the reject file; "d" sync of a folder */

#endif
