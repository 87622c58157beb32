/* The faults of a script: which request meets which, and how often. */
#ifndef S3D_FAULTS_H
#define S3D_FAULTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum operation {
  OP_LIST,
  OP_VERSIONS,
  OP_GET,
  OP_HEAD,
  OP_TAGS,
  OP_PUT,
  OP_DELETE,
  OP_STS,
  OP_OTHER,
  OPERATIONS,
};
enum fault_action {
  FAULT_NONE,
  FAULT_ERROR,
  FAULT_SLOWDOWN,
  FAULT_INTERNAL,
  FAULT_ERROR_IN_200,
  FAULT_CUT,
  FAULT_CUT_RANDOM,
  FAULT_DROP,
  FAULT_SLOW,
  FAULT_HANG,
  FAULT_HANG_MID,
  FAULT_DELAY,
  FAULT_WRONG_RANGE,
  FAULT_IGNORE_RANGE,
  FAULT_WRONG_REGION,
  FAULT_EXPIRED,
  FAULT_EXPIRED_MID,
  FAULT_CLOCK_SKEW,
  FAULT_CHANGE,
  FAULT_GONE,
  FAULT_BROKEN_XML,
  FAULT_UNORDERED,
  FAULT_REPEAT_TOKEN,
  FAULT_HUGE_LENGTH,
  FAULT_RESET,
  FAULT_CORRUPT,
  FAULT_WRONG_CHECKSUM,
  FAULT_EMPTY_PAGE,
  FAULT_IGNORE_START,
  FAULT_IGNORE_ENCODING,
  FAULT_GARBAGE,
  FAULT_HOSTILE,
  FAULT_ACTIONS,
};
enum { FAULT_TEXT = 64 };

struct fault {
  enum fault_action action;
  int line;
  int64_t number;        /* the first argument, where it is a number */
  char text[FAULT_TEXT]; /* the argument that is a word */
  uint64_t turn;         /* how many times the line has fired before */
  uint64_t script;       /* which reading of the file it is from */
};

struct faults; /* [any thread] */

/* `path` may be NULL. On an error in the script: NULL, and `message` says where and what. */
struct faults *faults_create(const char *path, char *message, size_t size);
void faults_destroy(struct faults *f);

/* Finds the fault for a request, having read the script again if it has changed. It counts as used: give it back with
 * faults_unused if it could do nothing. false with a message: the changed script has an error; the old one stays. */
bool faults_find(struct faults *f, enum operation op, const char *key, struct fault *out, char *message, size_t size);
void faults_unused(struct faults *f, const struct fault *fault);
/* The next request that this line matches is answered ExpiredToken. */
void faults_expire_next(struct faults *f, const struct fault *fault);

const char *faults_action_name(enum fault_action a);
const char *faults_operation_name(enum operation op);
uint64_t faults_loads(struct faults *f);
#endif
