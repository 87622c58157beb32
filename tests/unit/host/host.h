/* What the tests of the host's parts share. */
#ifndef TEST_HOST_H
#define TEST_HOST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <sluice/sdk.h>

#define assert_contains(text, part)                                                                                    \
  do {                                                                                                                 \
    if (!strstr(text, part))                                                                                           \
      fail_msg("\"%s\" does not contain \"%s\"", text, part);                                                          \
  } while (0)

#endif
