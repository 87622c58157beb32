/* The entry of the test's plugin. */
#include "plugin.h"

SLUICE_PLUGIN_MANY((1u << SLUICE_SOURCE) | (1u << SLUICE_SINK),
                   "source bucket 1.0.0\nsink plain 1.0.0\nsink exact 1.0.0\n",
                   (const struct sluice_component *)&bucket_source, (const struct sluice_component *)&plain_sink,
                   (const struct sluice_component *)&exact_sink)
