/* The components of the test's plugin. */
#ifndef HISTORIES_PLUGIN_H
#define HISTORIES_PLUGIN_H
#include <sluice/sdk.h>

extern const struct sluice_source bucket_source;
extern const struct sluice_sink plain_sink, exact_sink;

#endif
