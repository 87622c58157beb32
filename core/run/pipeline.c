/* Opening and closing all that a job is made of. */
#include "core/run/pipeline.h"
#include "core/base/hash.h"
#include "core/input/input.h"
#include <stdlib.h>

static struct mapping_rule rule_of(const struct config_job *job, size_t i) {
  const struct config_mapping *m = &job->mapping[i];
  return (struct mapping_rule){.from = m->from,
                               .to = m->to,
                               .type = m->type || !m->value ? m->type : config_constant_type(job, i),
                               .value = m->value,
                               .default_value = m->default_value,
                               .required = m->required,
                               .exclude = m->exclude,
                               .null = m->null};
}

static int create_mapping(const struct config_job *job, struct mapping **out, struct sluice_error *err) {
  struct mapping_rule *rules = calloc(job->mapping_count, sizeof *rules);
  if (!rules)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "mapping", "no memory");
  for (size_t i = 0; i < job->mapping_count; i++)
    rules[i] = rule_of(job, i);
  struct mapping_spec spec = {rules, job->mapping_count, job->keep_unmapped, job->evolution.rescue_column};
  int code = mapping_create(&spec, out, err);
  free(rules);
  return code;
}

static int open_mapping(struct pipeline *p, struct sluice_error *err) {
  const struct config_job *job = p->job;
  struct sluice_error why = {0};
  if (job->mapping_count == 0)
    return SLUICE_OK;
  int code = create_mapping(job, &p->mapping, &why);
  if (!code)
    code = mapping_want(p->mapping, NULL, &p->want);
  if (!code)
    return SLUICE_OK;
  size_t at = 0;
  bool placed = sscanf(why.where, "mapping[%zu]", &at) == 1 && at < job->mapping_value->count;
  return config_value_fail(placed ? job->mapping_value->items[at] : job->mapping_value, err, code, "%s",
                           why.message[0] ? why.message : "no memory");
}

static int open_transforms(struct pipeline *p, struct registry *registry, struct component_names names,
                           struct sluice_error *err) {
  size_t n = p->job->transform_count;
  if (n == 0)
    return SLUICE_OK;
  p->transforms = calloc(n, sizeof *p->transforms);
  if (!p->transforms)
    return sluice_fail(err, SLUICE_ERR_MEMORY, "transforms", "no memory");
  for (size_t i = 0; i < n; i++) {
    int code =
        component_open(registry, SLUICE_TRANSFORM, p->job->transforms[i], names, p->stop, &p->transforms[i], err);
    if (code)
      return code;
    p->n_transforms++;
  }
  return SLUICE_OK;
}

/* Three texts of a component: what it is, and what its options decide. */
static int add_component(const struct component *c, const struct config_value *group, char hash[65], const char **texts,
                         size_t *n, struct sluice_error *err) {
  texts[(*n)++] = c->loaded->entry.full_name;
  texts[(*n)++] = c->loaded->entry.version;
  texts[(*n)++] = hash;
  return options_hash(c->loaded->base.options, group, hash, err);
}

/* What decides the bodies: mapping, transforms and sink, with the versions of their plugins. Not how they are sent. */
static int hash_output(struct pipeline *p, const struct config_value *sink, char out[65], struct sluice_error *err) {
  size_t n = 0, room = 2 + 3 * (1 + p->n_transforms);
  char(*hashes)[65] = calloc(p->n_transforms + 2, sizeof *hashes);
  const char **texts = calloc(room, sizeof *texts);
  int code = hashes && texts ? SLUICE_OK : SLUICE_ERR_MEMORY;
  if (!code)
    code = config_value_hash_meant(p->job->mapping_value, hashes[0]);
  if (!code) {
    texts[n++] = hashes[0];
    code = add_component(&p->sink, sink, hashes[1], texts, &n, err);
  }
  for (size_t i = 0; i < p->n_transforms && !code; i++)
    code = add_component(&p->transforms[i], p->job->transforms[i], hashes[i + 2], texts, &n, err);
  if (p->job->sync.cursor) /* with it other records go */
    texts[n++] = p->job->sync.cursor;
  if (!code)
    code = hash_texts(texts, n, out);
  free(hashes);
  free(texts);
  return code;
}

static int open_sink(struct pipeline *p, struct registry *registry, const struct config_value *sink,
                     struct component_names names, struct sluice_error *err) {
  int code = component_open(registry, SLUICE_SINK, sink, names, p->stop, &p->sink, err);
  if (!code)
    code = hash_output(p, sink, p->output_hash, err);
  if (!code)
    p->commit = registry_extension(p->sink.loaded, SLUICE_COMMIT);
  return code;
}

int pipeline_reopen_sink(struct pipeline *p, struct registry *registry, const struct config_value *sink,
                         struct component_names names, struct sluice_error *err) {
  component_close(&p->sink);
  p->commit = NULL;
  return sluice_fail(err, open_sink(p, registry, sink, names, err), p->job->name, "no memory");
}

/* Other records make other batches of the same rows. */
static int hash_decoding(struct pipeline *p, struct sluice_error *err) {
  char where[65];
  int code = formats_hash(p->formats, p->job->format, p->decode_hash);
  memcpy(p->format_hash, p->decode_hash, sizeof p->format_hash);
  if (code || !p->job->where)
    return code;
  code = config_value_hash_meant(p->job->where_value, where);
  const char *texts[] = {p->decode_hash, where};
  if (!code)
    code = hash_texts(texts, 2, p->decode_hash);
  return code ? sluice_fail(err, code, "where", "no memory") : code;
}

static int open_all(struct pipeline *p, struct registry *registry, const struct config_value *sink,
                    struct component_names names, struct sluice_error *err) {
  int code = open_mapping(p, err);
  if (!code)
    code = component_open(registry, SLUICE_SOURCE, p->job->source, names, p->stop, &p->source, err);
  if (!code)
    code = formats_create(registry, p->job->format, names, p->stop, &p->formats, err);
  if (!code)
    code = open_transforms(p, registry, names, err);
  if (!code)
    code = hash_decoding(p, err);
  return code ? code : open_sink(p, registry, sink, names, err);
}

int pipeline_open(struct registry *registry, const struct config_job *job, const struct config_value *sink,
                  struct component_names names, const struct stop *stop, struct pipeline *out,
                  struct sluice_error *err) {
  memset(out, 0, sizeof *out);
  out->job = job;
  out->stop = stop;
  out->sink_name = names.sink;
  int code = open_all(out, registry, sink, names, err);
  if (code) {
    pipeline_close(out);
    return sluice_fail(err, code, job->name, "no memory");
  }
  return SLUICE_OK;
}

void pipeline_close(struct pipeline *p) {
  component_close(&p->sink);
  for (size_t i = 0; i < p->n_transforms; i++)
    component_close(&p->transforms[i]);
  free(p->transforms);
  formats_destroy(p->formats);
  component_close(&p->source);
  mapping_destroy(p->mapping);
  sluice_schema_release(&p->want);
  memset(p, 0, sizeof *p);
}

static int open_input(struct pipeline *p, const struct sluice_part *part, atomic_llong *counter,
                      struct pipeline_part *out, struct sluice_error *err) {
  struct sluice_part opened = {.struct_size = sizeof opened};
  struct sluice_input input = {0};
  int code = p->source.loaded->source.open_part(p->source.self, part, &opened, &input, err);
  if (code)
    return code;
  snprintf(out->version, sizeof out->version, "%s", opened.version ? opened.version : "");
  if (counter)
    code = input_count(&input, counter, &input, err);
  if (code)
    input.release(&input);
  else
    out->input = input;
  return code;
}

int pipeline_open_part(struct pipeline *p, const struct sluice_part *part, atomic_llong *counter,
                       struct pipeline_part *out, struct sluice_error *err) {
  out->part = *part;
  if (!p->source.loaded->source.read_part)
    return open_input(p, part, counter, out, err);
  snprintf(out->version, sizeof out->version, "%s", part->version ? part->version : "");
  return SLUICE_OK;
}

/* May be asked again: what is plain already stays as it is. */
static int make_plain(struct pipeline_part *part, const char *name, struct sluice_error *err) {
  struct sluice_input plain;
  int code = part->plain ? SLUICE_OK : input_decompress(&part->input, name, &plain, err);
  if (!code && !part->plain)
    part->input = plain;
  part->plain |= code == SLUICE_OK;
  return code;
}

int pipeline_plan(struct pipeline *p, struct pipeline_part *part, const struct sluice_scan *scan, int64_t split_bytes,
                  struct sluice_splits *splits, struct sluice_error *err) {
  const struct component *format;
  if (p->source.loaded->source.read_part)
    return SLUICE_OK;
  int code = make_plain(part, scan->part, err);
  if (code || part->input.size < 0)
    return code;
  code = formats_find(p->formats, &part->input, scan->part, &format, err);
  if (code || !format->loaded->format.plan)
    return code;
  return format->loaded->format.plan(format->self, &part->input, scan, split_bytes, splits, err);
}

int pipeline_inspect(struct pipeline *p, struct pipeline_part *part, struct sluice_text_out *out, const char **name,
                     struct sluice_error *err) {
  const struct component *format;
  if (p->source.loaded->source.read_part)
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, part->part.name, "this source gives records, not files");
  int code = make_plain(part, part->part.name, err);
  if (!code)
    code = formats_find(p->formats, &part->input, part->part.name, &format, err);
  if (code)
    return code;
  const struct sluice_inspect *inspect = registry_extension(format->loaded, SLUICE_INSPECT);
  *name = format->loaded->entry.name;
  if (!inspect || !SLUICE_HAS(inspect, inspect))
    return sluice_fail(err, SLUICE_ERR_UNSUPPORTED, part->part.name, "the format %s does not tell what is in its files",
                       *name);
  return inspect->inspect(format->self, &part->input, part->part.name, out, err);
}

static int decode(struct pipeline *p, struct pipeline_part *part, const struct sluice_scan *scan,
                  struct sluice_reader *out, struct sluice_error *err) {
  const struct component *format;
  int code = make_plain(part, scan->part, err);
  if (code)
    return code;
  code = formats_find(p->formats, &part->input, scan->part, &format, err);
  if (code)
    return code;
  code = format->loaded->format.decode(format->self, &part->input, scan, out, err);
  if (!code)
    memset(&part->input, 0, sizeof part->input);
  return code;
}

int pipeline_decode(struct pipeline *p, struct pipeline_part *part, const struct sluice_scan *scan,
                    struct sluice_reader *out, struct sluice_error *err) {
  const struct sluice_source *source = &p->source.loaded->source;
  if (source->read_part)
    return source->read_part(p->source.self, &part->part, scan, out, err);
  return decode(p, part, scan, out, err);
}

int pipeline_settle(struct pipeline *p, const struct sluice_part *part, int status, struct sluice_error *err) {
  const struct sluice_source *source = &p->source.loaded->source;
  return source->settle ? source->settle(p->source.self, part, status, err) : SLUICE_OK;
}

void pipeline_part_release(struct pipeline_part *part) {
  if (part->input.release)
    part->input.release(&part->input);
  memset(part, 0, sizeof *part);
}
