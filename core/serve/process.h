/* The supervisor's side of a job's process: starting it, telling it, hearing it, and seeing what it was at. */
#ifndef SERVE_PROCESS_H
#define SERVE_PROCESS_H
#include "core/serve/child.h"
#include "core/serve/lines.h"
#include "core/serve/result.h"

struct process { /* zeroed: none */
  pid_t pid;     /* 0: none */
  int fd;        /* -1: it hung up */
  struct lines lines;
  struct watch *watch;
  bool stale;         /* made of an older configuration: not for another run */
  bool leaving;       /* told to quit */
  int64_t leave_by;   /* monotonic ms: when it is killed if it is still there */
  long long seen;     /* of its counters */
  int64_t progressed; /* monotonic ms: when they changed last */
};
/* Forks; child->fd and child->watch are filled here. The descriptors of this process are closed in the child. */
int process_start(struct process *, struct child *child, struct sluice_error *err);
/* "drain", "now" or "quit". False: it does not take it, and is killed. */
bool process_tell(struct process *, const char *word);
/* The order to run, as child.h tells it; avoid (taken) is a list of looks. False as above. */
bool process_run(struct process *, bool blame, json_t *avoid);
/* Reads what it said. True: a run ended, with this result; call it again. It is killed if it talks nonsense. */
bool process_hear(struct process *, struct serve_result *out);
void process_expect_progress(struct process *); /* a run starts: counters at zero, from now on they shall move */
/* For how long nothing got on. */
int64_t process_idle_ms(struct process *);
void process_kill(const struct process *);
/* After waitpid: frees all, and the process is none again. */
void process_finish(struct process *);

/* "reading a.csv, sending b.csv and 3 more" of the parts in work, and the first of them alone ("": none). */
void process_at(const struct process *, struct text *all, char *first, size_t size);
/* The part that was looked at for its columns, as avoid.h wants it; false: none was. */
struct process_look {
  char part[WATCH_NAME], version[WATCH_VERSION];
};
bool process_looking_at(const struct process *, struct process_look *out);
bool process_is_opening(const struct process *); /* no unit is in work yet */
/* Did it die of what it did, rather than of something that came from outside? */
bool process_died_by_itself(int wait_status);
/* "was killed by signal 11 (Segmentation fault)" */
void process_end_text(int wait_status, char *out, size_t size);

#endif
