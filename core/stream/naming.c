/* Rules for streams: the first whose pattern matches names the stream of a part. */
#include "core/stream/naming.h"
#include "core/stream/template.h"
#include <stdlib.h>

struct rule {
  const char *name;
  regex_t pattern;
  bool compiled, any_folder;
};
struct naming {
  struct rule *rules;
  size_t n;
};

static int compile(struct rule *rule, const struct naming_rule *from, struct sluice_error *err) {
  if (!from->match)
    return SLUICE_OK;
  int code = regcomp(&rule->pattern, from->match, REG_EXTENDED);
  if (!code) {
    rule->compiled = true;
    return SLUICE_OK;
  }
  char why[128];
  regerror(code, &rule->pattern, why, sizeof why);
  if (code == REG_ESPACE)
    return SLUICE_ERR_MEMORY;
  return sluice_fail(err, SLUICE_ERR_CONFIG, "match", "\"%.100s\" is no extended regular expression: %s", from->match,
                     why);
}

static int add_rule(struct naming *naming, const struct naming_rule *from, struct sluice_error *err) {
  struct rule *rule = &naming->rules[naming->n++];
  bool fixed = false;
  rule->name = from->name;
  int code = compile(rule, from, err);
  if (!code)
    code = template_check(from->name, rule->compiled ? rule->pattern.re_nsub : 0, &fixed, err);
  rule->any_folder = fixed || from->across_folders;
  return code;
}

int naming_create(const struct naming_rule *rules, size_t n, struct naming **out, size_t *bad,
                  struct sluice_error *err) {
  struct naming *naming = calloc(1, sizeof *naming);
  if (naming)
    naming->rules = calloc(n + 1, sizeof *naming->rules);
  int code = naming && naming->rules ? SLUICE_OK : SLUICE_ERR_MEMORY;
  for (size_t i = 0; i < n && !code; i++) {
    *bad = i;
    code = add_rule(naming, &rules[i], err);
  }
  if (code) {
    naming_destroy(naming);
    return sluice_fail(err, code, "streams", "no memory");
  }
  *out = naming;
  return SLUICE_OK;
}

void naming_destroy(struct naming *naming) {
  if (!naming)
    return;
  for (size_t i = 0; naming->rules && i < naming->n; i++)
    if (naming->rules[i].compiled)
      regfree(&naming->rules[i].pattern);
  free(naming->rules);
  free(naming);
}

int naming_of(const struct naming *naming, const char *part, struct stream_name *out, struct sluice_error *err) {
  regmatch_t groups[TEMPLATE_GROUPS] = {{0}};
  const char *slash = strrchr(part, '/');
  for (size_t i = 0; i < naming->n; i++) {
    const struct rule *rule = &naming->rules[i];
    if (rule->compiled && regexec(&rule->pattern, part, TEMPLATE_GROUPS, groups, 0))
      continue;
    int code = template_fill(rule->name, part, groups, out->text, err);
    if (!code) {
      out->any_folder = rule->any_folder;
      out->folder = slash ? (size_t)(slash + 1 - part) : 0;
      out->ending = rule->any_folder ? 0 : template_ending(rule->name, part);
    }
    return code;
  }
  return SLUICE_END;
}
