/* What each unit test of the s3 source includes. */
#ifndef S3_CHECK_H
#define S3_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#endif
