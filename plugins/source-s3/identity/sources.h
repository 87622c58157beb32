/* One function for each place that credentials come from. Private to fetch. */
#ifndef S3_SOURCES_H
#define S3_SOURCES_H
#include "identity/fetch.h"

int source_environment(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err);
int source_static(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err);
int source_process(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err);
int source_sso(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err);
int source_web_identity(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err);
int source_container(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err);
int source_instance(struct fetcher *fetcher, struct credentials **out, struct sluice_error *err);

#endif
