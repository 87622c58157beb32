/* Hands an answer to libmicrohttpd. */
#ifndef S3D_SEND_H
#define S3D_SEND_H
#include "request.h"
#include <microhttpd.h>

enum MHD_Result send_answer(struct request *r);
#endif
