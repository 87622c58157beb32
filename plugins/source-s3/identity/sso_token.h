/* The access token of SSO. Private to identity. */
#ifndef S3_SSO_TOKEN_H
#define S3_SSO_TOKEN_H
#include "address/service.h"
#include "identity/ask.h"
#include "identity/plan.h"

/* AUTH: the user must log in (again). Appends; out holds a secret. */
int sso_token(const struct world *world, const struct plan *plan, struct text *out, struct sluice_error *err);

/* own: the endpoint that is configured, or "". Appends. */
int sso_make_url(const struct plan *plan, enum service service, const char *own, const char *path, struct text *out,
                 struct sluice_error *err);
int sso_send(const struct world *world, struct http_request *request, const char *step, struct http_answer *out,
             struct sluice_error *err);

#endif
