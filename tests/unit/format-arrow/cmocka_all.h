/* cmocka, with what it needs in front of it. */
#ifndef ARROW_TEST_CMOCKA_ALL_H
#define ARROW_TEST_CMOCKA_ALL_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#endif
