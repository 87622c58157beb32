/* cmocka, with what it needs before it. */
#ifndef AVRO_TEST_CMOCKA_ALL_H
#define AVRO_TEST_CMOCKA_ALL_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
