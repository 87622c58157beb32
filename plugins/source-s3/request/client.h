/* What all requests of one source share: endpoint, credentials, the regions of buckets, the clock; and it signs. */
#ifndef S3_CLIENT_H
#define S3_CLIENT_H
#include "identity/credentials.h"
#include "address/endpoint.h"
#include "sign/sigv4.h"
#include <curl/curl.h>
#include <pthread.h>

struct bucket { /* lives as long as the client */
  struct bucket *next;
  char name[256];
  char region[64]; /* under the client's lock */
};

struct client { /* region, skew and key cache: under the lock */
  const struct sluice_host *host;
  const struct s3_options *options;
  struct credentials_source credentials;
  struct endpoint endpoint;
  char region[64];
  pthread_mutex_t lock;
  struct bucket *buckets;
  int64_t skew_s; /* the server's clock less ours */
  char key_date[9], key_region[64], key_secret[SIGV4_HEX_SIZE];
  uint8_t key[SIGV4_KEY_SIZE];
};

struct request { /* a GET; texts are raw, borrowed */
  struct bucket *bucket;
  const char *operation, *key; /* key "": the bucket itself */
  const struct sigv4_pair *query;
  size_t n_query;
  int64_t first, last;  /* byte range; first -1: no range */
  const char *if_match; /* ETag without quotes; NULL or "": none */
};
struct signed_request {
  struct text url;
  struct curl_slist *headers;
  char region[64], host[640], canonical_hash[SIGV4_HEX_SIZE];
};

int client_init(struct client *client, const struct sluice_host *host, const struct s3_options *options,
                struct sluice_error *err);
void client_finish(struct client *client);
/* Finds or adds. NULL: no memory. [any] */
struct bucket *client_bucket(struct client *client, const char *name);
void client_region(struct client *client, const struct bucket *bucket, char out[64]); /* [any] */
/* Notes the region that a server named; false: it is none, or the one we have. */
bool client_move_bucket(struct client *client, struct bucket *bucket, const char *region);
/* Notes the server's clock (seconds since 1970); returns how far the old offset was off. */
int64_t client_set_clock(struct client *client, int64_t server_now);
int64_t client_clock_error(struct client *client, int64_t server_now); /* as above, without noting it */

int client_sign(struct client *client, const struct request *request, struct signed_request *out,
                struct sluice_error *err);
void signed_request_finish(struct signed_request *request);

#endif
