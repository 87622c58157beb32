/* What each unit test of the s3 source includes. */
#ifndef S3_CHECK_H
#define S3_CHECK_H
#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#endif
