/* Starts the real receiver in a fresh folder and looks at what it got. */
#ifndef TEST_HTTP_RECEIVER_H
#define TEST_HTTP_RECEIVER_H
#include <stdbool.h>
#include <sys/types.h>

enum { RECEIVER_ARGUMENTS = 16 };
struct receiver {
  pid_t pid;
  unsigned port;
  char folder[64], out[96];
};
extern const char *receiver_program;

/* Starts recv with further arguments, ended by NULL. Fails the test where it does not come up. */
void receiver_start(struct receiver *, const char *const *arguments);
/* Starts it again on the same files, with another port and arguments. */
void receiver_restart(struct receiver *, const char *const *arguments);
void receiver_stop(struct receiver *); /* ends it; the files stay */
void receiver_remove(struct receiver *);
/* A number of `recv --summary`, such as "records". */
long long receiver_count(const struct receiver *, const char *name);
/* True if the records 0..n-1 are all there, each once when repeats under a known key are dropped; but not `without`. */
bool receiver_has_each(const struct receiver *, long long n, long long without);
/* The table by the column "id" that a receiver with --key id keeps, as text. free() it. */
char *receiver_table(const struct receiver *);
/* True if the records came as 0..n-1, in this order. */
bool receiver_in_order(const struct receiver *, long long n);

#endif
