/* Reading option tables that were compiled with another header than the host's. Private to core/load. */
#ifndef LOAD_TABLE_H
#define LOAD_TABLE_H
#include "core/load/options.h"

/* The 1.0 size of a struct: up to the end of its last member then. */
#define TABLE_END(type, member) (offsetof(struct type, member) + sizeof(((struct type *)0)->member))

size_t table_count(const struct sluice_options *);                                   /* takes NULL: 0 */
void table_read(const struct sluice_options *, size_t i, struct sluice_option *out); /* members it lacks are zero */
size_t table_field_size(uint32_t kind);                                              /* 0: no such kind */
size_t table_field_alignment(uint32_t kind);
const char *table_kind_name(uint32_t kind);    /* "text", "size" */
const char *table_kind_example(uint32_t kind); /* "\"8MiB\"" */
/* What default_text says, as a configuration would: for the caller to destroy. BUG: it cannot be read. */
int table_default(const struct sluice_option *, struct config_value **out, struct sluice_error *err);

#endif
