/* A process that dies at the n-th call that changes a disk. The test program is linked with --wrap for each of them. */
#ifndef TESTS_UNIT_FILE_KILL_H
#define TESTS_UNIT_FILE_KILL_H

enum { KILL_STATUS = 77 };
/* The calling process exits in place of its call number `n` (from 1; 0: never). Of a write, half is done before. */
void kill_at(int n);
int kill_count(void); /* of calls since kill_at */

#endif
