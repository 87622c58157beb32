/* The include and exclude lists over paths below the source's folder. */
#ifndef SOURCE_FILE_FILTER_H
#define SOURCE_FILE_FILTER_H
#include <sluice/sdk.h>
#include <stdbool.h>

struct glob;
struct filter {
  struct glob **include, **exclude;
  size_t includes, excludes;
};
/* Takes the option lists; no include means all. CONFIG: a pattern is wrong. */
int filter_init(struct filter *, const struct sluice_list *include, const struct sluice_list *exclude,
                struct sluice_error *err);
void filter_finish(struct filter *);
bool filter_takes(const struct filter *, const char *path);
/* Nothing below this folder (which ends in '/') can be taken. */
bool filter_excludes_all(const struct filter *, const char *folder);

#endif
