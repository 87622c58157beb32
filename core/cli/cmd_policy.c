/* `policy`: the least rights that a job's source needs, as text to put in place. */
#include "core/base/text.h"
#include "core/cli/session.h"
#include "core/load/registry.h"
#include "core/run/component.h"
#include <sluice/services.h>

static int put(struct sluice_text_out *out, const char *bytes, size_t n, struct sluice_error *err) {
  if (text_append(out->private_data, bytes, n) == SLUICE_OK)
    return SLUICE_OK;
  return sluice_fail(err, SLUICE_ERR_MEMORY, NULL, "no memory for the policy, or it is longer than 16 MiB");
}

static int write_policy(const struct cli *cli, const struct component *source, struct sluice_error *err) {
  const struct sluice_policy *policy = registry_extension(source->loaded, SLUICE_POLICY);
  const char *form = args_has(&cli->args, "terraform") ? "terraform" : "json";
  struct text text = {0};
  struct sluice_text_out out = {put, &text};
  if (!policy || !SLUICE_HAS(policy, write))
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL,
                       "%s needs no rights of a service, or does not tell them: there is no policy to print",
                       source->loaded->entry.full_name);
  int code = policy->write(source->self, form, args_value(&cli->args, "principal"), &out, err);
  if (code == SLUICE_OK && text.size)
    fwrite(text.data, 1, text.size, stdout);
  text_finish(&text);
  return code;
}

/* The one that --job names, or the only one there is. */
static int find_job(const struct cli *cli, const struct config *config, const struct config_job **out,
                    struct sluice_error *err) {
  const char *name = args_value(&cli->args, "job");
  if (name)
    return config_find_job(config, name, out, err);
  if (config_job_count(config) != 1)
    return sluice_fail(err, SLUICE_ERR_CONFIG, NULL, "there are %zu jobs; choose one: --job NAME",
                       config_job_count(config));
  *out = config_job_at(config, 0);
  return SLUICE_OK;
}

static int print_policy(const struct session *s, struct sluice_error *err) {
  const struct config_job *job;
  struct component source = {0};
  int code = find_job(s->cli, s->config, &job, err);
  if (code != SLUICE_OK)
    return code;
  struct component_names names = {job->name, "", "", NULL};
  code = component_open(s->registry, SLUICE_SOURCE, job->source, names, s->stop, &source, err);
  if (code == SLUICE_OK)
    code = write_policy(s->cli, &source, err);
  component_close(&source);
  return code;
}

static enum exit_status policy_of_job(const struct session *s) {
  struct sluice_error err = {0};
  int code = print_policy(s, &err);
  return code == SLUICE_OK ? STATUS_DONE : report_error(s->cli, NULL, code, &err);
}

static enum exit_status run_policy(const struct cli *cli) {
  return session_run(cli, STOP_NOW, policy_of_job);
}

static const struct args_option items[] = {
    {"config", 'c', "FILE", "Lay this file upon those before it. May be repeated."},
    {"job", 0, "NAME", "The job; needed where there are several."},
    {"terraform", 0, NULL, "Print Terraform instead of JSON."},
    {"principal", 0, "ARN", "Who will read, for the policies that name it; else a placeholder."},
};
const struct command policy_command = {
    .name = "policy",
    .words = "CONFIG",
    .summary = "Print the least rights that a job's source needs.",
    .details = "One JSON object; each of its members but notes can be put in place as it is. Nobody is asked over the\n"
               "network, and no credentials are needed.\n\n"
               "Examples:\n  sluice policy job.conf --job clicks | jq .identity_policy\n"
               "  sluice policy job.conf --job clicks --terraform >clicks.tf\n",
    .options = ARGS_TABLE(items),
    .max_words = 1,
    .run = run_policy,
};
