/* What must hold before a bucket is listed or read: its tag, and a role that is closed to others. */
#ifndef S3_GATE_H
#define S3_GATE_H
#include "request/engine.h"

/* Checks what the access asks for, now. AUTH: it does not hold; the message says which and what to do. */
int gate_check(struct access *access, struct engine *engine, struct sluice_error *err);
/* The two parts of it; each OK where nothing is asked for. */
int gate_check_role(struct access *access, struct sluice_error *err);
int gate_check_tag(struct access *access, struct engine *engine, struct sluice_error *err);

/* Checks all anew, before a listing. */
int gate_check_all(struct client *client, struct engine *engine, struct sluice_error *err);
/* OK at once where it was checked since; else checks. [any] */
int gate_pass(struct access *access, struct engine *engine, struct sluice_error *err);

#endif
