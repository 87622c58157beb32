/* The access token that `aws sso login` keeps in a file, renewed where it can be. Private to sso. */
#ifndef S3_SSO_TOKEN_H
#define S3_SSO_TOKEN_H
#include "address/service.h"
#include "identity/plan.h"

enum { SSO_URL_SIZE = 1024 };
int sso_service_url(const struct plan *plan, enum service service, const char *own, char out[SSO_URL_SIZE],
                    struct sluice_error *err);
int sso_send(const struct world *world, const struct http_request *request, const char *step, struct http_answer *out,
             struct sluice_error *err);
/* AUTH: there is none that still holds; the message says to log in. */
int sso_token(const struct world *world, const struct plan *plan, struct text *out, struct sluice_error *err);

#endif
