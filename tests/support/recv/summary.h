/* Looks at recorded files offline. */
#ifndef RECV_SUMMARY_H
#define RECV_SUMMARY_H

/* Prints a JSON line for each file: counts, and if each duplicate has the body of its first request. 0: all is well. */
int summary_print(char *const *files, int n);
/* Prints the records of the first request of each key: what a receiver that knows keys keeps. */
int summary_records(const char *file);

#endif
