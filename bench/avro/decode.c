/* Decodes an Avro file some times over: bench-avro-decode FILE TIMES [COLUMN...]. */
#include "../decode.h"
#include "avro.h"

int main(int argc, char **argv) {
  const struct avro_config config = {.max_block = 64 << 20};
  return bench_decode(argc, argv, &config);
}
