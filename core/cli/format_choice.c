/* --format and --format-option. */
#include "core/cli/format_choice.h"
#include "core/cli/settings.h"

static int make_format_group(const struct cli *cli, struct registry *registry, struct config_value *group,
                             struct sluice_error *err) {
  const char *type = args_value(&cli->args, "format");
  const struct registry_component *format;
  bool has_options = args_has(&cli->args, "format-option");
  int code = config_value_add_text(group, "type", type ? type : "auto");
  if (code != SLUICE_OK || !has_options)
    return code;
  if (!type)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "--format-option needs --format: each format has its own options");
  code = registry_find(registry, SLUICE_FORMAT, type, &format, err);
  for (size_t i = 0; args_value_at(&cli->args, "format-option", i) && code == SLUICE_OK; i++)
    code = settings_add(group, format->base.options, args_value_at(&cli->args, "format-option", i), err);
  return code;
}

int format_choice_open(const struct cli *cli, struct registry *registry, const struct stop *stop, struct formats **out,
                       struct sluice_error *err) {
  static const struct component_names nobody = {"", "", "", NULL};
  struct config_value *group = config_value_create(CONFIG_GROUP, NULL, "", 0);
  int code = group ? make_format_group(cli, registry, group, err) : SLUICE_ERR_MEMORY;
  if (code == SLUICE_OK)
    code = formats_create(registry, group, nobody, stop, out, err);
  config_value_destroy(group);
  return code == SLUICE_ERR_MEMORY ? sluice_fail(err, code, NULL, "no memory for the format") : code;
}
