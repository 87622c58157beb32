/* The ways in which S3 says that a bucket is in another region. */
#ifndef S3D_REGION_H
#define S3D_REGION_H
#include <stdbool.h>

struct request;

bool region_form_is_known(const char *name);
/* Makes the answer. form: one of the names, "" for the usual one; message: of the usual one. */
void region_refuse(struct request *r, const char *form, const char *region, const char *message);

#endif
