/* The dictionaries of a file: by id, as the messages so far have left them. */
#ifndef ARROW_DICTIONARY_H
#define ARROW_DICTIONARY_H
#include "load.h"

/* Finds the dictionaries of a schema. final: the file's index gave them all, and none may be replaced. */
int arrow_dictionaries_create(const struct arrow_source *source, const struct arrow_fields *fields,
                              struct arrow_dictionaries **out, struct sluice_error *err);
void arrow_dictionaries_destroy(struct arrow_dictionaries *dictionaries); /* takes NULL */
void arrow_dictionaries_forbid_replacement(struct arrow_dictionaries *dictionaries);
/* Takes in a DictionaryBatch message; *message is moved out of the caller's hands in any case. */
int arrow_dictionary_add(struct arrow_loader *loader, struct arrow_message *message, struct sluice_error *err);
/* The dictionary of a field as it is now; of one that was never sent, no values. */
int arrow_dictionary_attach(struct arrow_loader *loader, const struct arrow_field *field, struct ArrowArray *out,
                            struct sluice_error *err);
/* Proves an array of the file; its dictionaries are proven already. Errors name the message. */
int arrow_validate(const struct arrow_loader *loader, const struct ArrowSchema *schema, const struct ArrowArray *array,
                   int64_t offset, struct sluice_error *err);

#endif
