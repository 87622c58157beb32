/* Decodes a JSON file some times over: bench-json-decode FILE TIMES [COLUMN...]. */
#include "../decode.h"
#include "json.h"

int main(int argc, char **argv) {
  const struct json_config config = {.times = 1, .sample = 1 << 20, .max_record = 64 << 20};
  return bench_decode(argc, argv, &config);
}
