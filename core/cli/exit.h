/* What the program's exit status says. docs/commands.md lists these for users. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H
#include "core/run/run.h"

enum exit_status {
  STATUS_DONE = 0,
  STATUS_INTERNAL = 1,     /* a fault of the program or a plugin, or no memory */
  STATUS_USAGE = 2,        /* the command line or the configuration must be changed */
  STATUS_REJECTS = 3,      /* done, but some records were rejected */
  STATUS_FAILED = 4,       /* a job, or what the command was to do, failed */
  STATUS_HELD = 5,         /* refused by a source or destination: credentials or rights */
  STATUS_INTERRUPTED = 130 /* by a signal */
};
enum exit_status exit_of_code(int code); /* of a sluice_status */
enum exit_status exit_of_outcome(enum run_outcome outcome);
/* The one of the two that a user has to know of first. */
enum exit_status exit_worst(enum exit_status a, enum exit_status b);

#endif
