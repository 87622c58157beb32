/* The program `sluice`. */
#include "core/cli/cli.h"

int main(int argc, char **argv) {
  return (int)cli_run(argc > 0 ? (size_t)argc - 1 : 0, (const char *const *)(argv + 1));
}
