/* Exit statuses, and which of several wins. */
#include "core/cli/exit.h"

enum exit_status exit_of_code(int code) {
  switch (code) {
  case SLUICE_OK:
  case SLUICE_END:
    return STATUS_DONE;
  case SLUICE_ERR_CONFIG:
    return STATUS_USAGE;
  case SLUICE_ERR_AUTH:
    return STATUS_HELD;
  case SLUICE_ERR_CANCELLED:
    return STATUS_INTERRUPTED;
  case SLUICE_ERR_MEMORY:
  case SLUICE_ERR_BUG:
    return STATUS_INTERNAL;
  default:
    return STATUS_FAILED;
  }
}

enum exit_status exit_of_outcome(enum run_outcome outcome) {
  switch (outcome) {
  case RUN_DONE:
    return STATUS_DONE;
  case RUN_DONE_WITH_REJECTS:
    return STATUS_REJECTS;
  case RUN_FAILED:
    return STATUS_FAILED;
  case RUN_HELD:
    return STATUS_HELD;
  case RUN_INTERRUPTED:
    return STATUS_INTERRUPTED;
  case RUN_MISCONFIGURED:
    return STATUS_USAGE;
  }
  return STATUS_INTERNAL;
}

static int rank(enum exit_status status) {
  static const enum exit_status order[] = {STATUS_DONE,  STATUS_REJECTS,  STATUS_FAILED,     STATUS_HELD,
                                           STATUS_USAGE, STATUS_INTERNAL, STATUS_INTERRUPTED};
  int i = 0;
  while (order[i] != status && order[i] != STATUS_INTERRUPTED)
    i++;
  return i;
}

enum exit_status exit_worst(enum exit_status a, enum exit_status b) {
  return rank(a) >= rank(b) ? a : b;
}
