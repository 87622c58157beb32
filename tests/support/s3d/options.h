/* The command line of s3d. */
#ifndef S3D_OPTIONS_H
#define S3D_OPTIONS_H
#include <stdbool.h>
#include <stdint.h>

struct options {
  const char *root, *port_file, *access_key, *secret_key, *session_token, *region, *script, *log, *roles;
  const char *tls_certificate, *tls_key; /* both or none */
  uint16_t port;
  int64_t delay_ms, clock_offset, session_seconds; /* session_seconds 0: what the client asks for */
  uint64_t page, synthetic_count, synthetic_size, connections;
  bool cache_listing, expired_as_ceph;
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/* DONE: help or version was printed. WRONG: the error was printed. */
enum options_result options_read(int argc, char **argv, struct options *out);
#endif
