/* What all requests of one source share: who asks for each path, endpoint, the clock; and it signs. */
#ifndef S3_CLIENT_H
#define S3_CLIENT_H
#include "address/endpoint.h"
#include "address/location.h"
#include "identity/identity.h"
#include "identity/settings.h"
#include "options.h"
#include "sign/sigv4.h"
#include <curl/curl.h>
#include <pthread.h>
#include <sluice/services.h>
#include <stdatomic.h>

struct client;
struct bucket { /* as one access sees it */
  struct access *access;
  char name[LOCATION_BUCKET_MAX + 1];
  char region[64]; /* under the client's lock */
  /* Four HMACs a request are saved by keeping the day's key; under the client's lock */
  struct credentials *key_of; /* a reference */
  char key_date[9], key_region[64];
  uint8_t key[SIGV4_KEY_SIZE];
};
struct access { /* one path's: its own role, region and tag; lives as long as the client */
  struct client *client;
  struct s3_place place; /* with all that it takes from the source */
  const char *prefix;    /* of the keys; the end of place.path */
  char where[48];        /* the path's option */
  struct asker *asker;   /* shared by paths with the same role */
  struct bucket bucket;
  atomic_bool gate_passed; /* rights/gate */
  atomic_bool any_read;    /* rights/refused, as the next */
  atomic_int refused_in_a_row;
};

struct client {                            /* skew: under the lock */
  struct sluice_counter requests, retries; /* of S3; set before the first one */
  const struct sluice_host *host;
  const struct s3_options *options;
  const struct world *world;
  struct settings settings;
  struct endpoint endpoint;
  pthread_mutex_t lock;
  struct access *accesses; /* in the order of s3_place_at */
  struct asker *askers;
  size_t n_accesses, n_askers;
  int64_t skew_s;               /* the server's clock less ours */
  void (*ready)(void *context); /* credentials came, or failed to; set before the first request */
  void *ready_context;
};

struct request { /* a GET; texts are raw, borrowed */
  bool head;     /* a HEAD of the bucket instead: where is it? */
  struct bucket *bucket;
  const char *operation, *key; /* key "": the bucket itself */
  const struct sigv4_pair *query;
  size_t n_query;
  int64_t first, last;  /* byte range; first -1: no range */
  const char *if_match; /* ETag without quotes; NULL or "": none */
  bool checksum;        /* ask for the checksum that is kept */
  bool object_data;     /* the object's own bytes: SSE-C needs its key */
};
struct signed_request {
  struct text url;
  struct curl_slist *headers;
  char region[64], host[640], canonical_hash[SIGV4_HEX_SIZE];
};

/* Borrows all. Asks nobody yet. */
int client_init(struct client *client, const struct sluice_host *host, const struct s3_options *options,
                const struct world *world, struct sluice_error *err);
void client_finish(struct client *client); /* takes a zeroed one, and one that client_init refused */

/* The access whose path holds this object: the longest that does; or NULL. [any] */
struct access *client_access(struct client *client, const struct location *object);
struct identity *access_identity(const struct access *access);
int client_load_profiles(const struct client *client, struct profiles **out, struct sluice_error *err);
void client_region(struct client *client, const struct bucket *bucket, char out[64]); /* [any] */
/* Notes the region that a server named; false: it is none, or the one we have. */
bool client_move_bucket(struct client *client, struct bucket *bucket, const char *region);
/* Notes the server's clock (seconds since 1970); returns how far the old offset was off. */
int64_t client_set_clock(struct client *client, int64_t server_now);
int64_t client_now(struct client *client);                             /* the server's clock */
int64_t client_clock_error(struct client *client, int64_t server_now); /* as above, without noting it */

/* with NULL: not signed. */
int client_sign(struct client *client, const struct request *request, struct credentials *with,
                struct signed_request *out, struct sluice_error *err);
void signed_request_finish(struct signed_request *request);

#endif
