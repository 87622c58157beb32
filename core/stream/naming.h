/* Which stream a part belongs to, by its name. Pure: rules in, names out.
 *
 * A rule has a pattern (POSIX extended regular expression, searched in the part's name; none: all parts) and a template
 * for the stream's name. The first rule that matches decides. In a template stand: {name} the file's name, {stem} the
 * same without its suffix (and a suffix of compression behind it), {folder} the last folder, {path} all folders joined
 * by ".", {1} to {9} what the pattern's groups matched; {{ and }} are the braces themselves.
 */
#ifndef STREAM_NAMING_H
#define STREAM_NAMING_H
#include <sluice/sdk.h>
#include <stdbool.h>

enum { STREAM_NAME_SIZE = 128, STREAM_RULES_MAX = 256 };

struct naming;
struct naming_rule {
  const char *match, *name; /* match NULL: all parts */
  bool across_folders;      /* parts of different folders may share a name */
};
/* Copies nothing: the texts must outlive it. CONFIG: err->message says what is wrong with rule *bad, and err->where
 * which member, "match" or "name". */
int naming_create(const struct naming_rule *, size_t n, struct naming **out, size_t *bad, struct sluice_error *err);
void naming_destroy(struct naming *); /* takes NULL */

struct stream_name {
  char text[STREAM_NAME_SIZE];
  bool any_folder; /* what follows does not matter: a fixed name, or across_folders */
  size_t folder;   /* the part's folder is so many bytes of its name, the last "/" included */
  size_t ending;   /* where the ending begins that does not count in the name, which {stem} has; 0: all of it counts */
};
/* [any] OK, and it may be no UTF-8 where the part's name is none; END: no rule matches; CONFIG: there is no such stream
 * name, err says why. */
int naming_of(const struct naming *, const char *part, struct stream_name *out, struct sluice_error *err);

#endif
