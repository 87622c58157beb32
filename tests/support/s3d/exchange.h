/* One request from its first byte to its answer, in the calls of libmicrohttpd. */
#ifndef S3D_EXCHANGE_H
#define S3D_EXCHANGE_H
#include "request.h"
#include <microhttpd.h>

/* MHD_OPTION_NOTIFY_CONNECTION, MHD_OPTION_URI_LOG_CALLBACK (its context is the server), the handler of requests, and
 * MHD_OPTION_NOTIFY_COMPLETED. */
void exchange_connection(void *context, struct MHD_Connection *connection, void **place,
                         enum MHD_ConnectionNotificationCode what);
void *exchange_begin(void *context, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *data, size_t *size, void **place);
void exchange_completed(void *context, struct MHD_Connection *connection, void **place,
                        enum MHD_RequestTerminationCode why);
#endif
