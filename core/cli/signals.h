/* Ctrl-C and termination. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H
#include "core/run/stop.h"

/* From now on SIGINT and SIGTERM raise `stop`, at first to `first`. Where that is STOP_DRAIN, a second signal or ten
 * seconds raise STOP_NOW. The signal behind STOP_NOW ends the program. */
void signals_install(struct stop *stop, enum stop_level first);
void signals_remove(void);

#endif
