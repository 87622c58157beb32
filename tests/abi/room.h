/* For tests of growth: what a program compiled with the later header may write to and read from a struct of the other.
 */
#ifndef TEST_ROOM_H
#define TEST_ROOM_H
#include <sluice/sdk.h>

#if SLUICE_ABI_MINOR >= 2
/* Writes the member of 1.2, but only to a struct that has it. */
#define GIVE_ADDED(p, text)                                                                                            \
  do {                                                                                                                 \
    if ((size_t)((const char *)(&(p)->added + 1) - (const char *)(p)) <= (p)->struct_size)                             \
      (p)->added = (text);                                                                                             \
  } while (0)
#define HAS_ADDED(p) (SLUICE_HAS(p, added) ? 1 : 0)
#define ADDED_INIT(text) .added = (text),
#else
#define GIVE_ADDED(p, text) (void)(p)
#define HAS_ADDED(p) ((void)(p), 0)
#define ADDED_INIT(text)
#endif

#endif
