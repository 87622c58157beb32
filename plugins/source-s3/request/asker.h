/* Who asks: from a path's options to an identity; paths with the same role share one. */
#ifndef S3_ASKER_H
#define S3_ASKER_H
#include "request/client.h"

struct asker {
  struct client *client;
  struct plan_role role; /* arn "": none */
  char region[64];       /* for STS */
  struct identity *identity;
};

/* Fills access->asker for each access of the client. */
int askers_init(struct client *client, struct sluice_error *err);
void askers_finish(struct client *client);

#endif
