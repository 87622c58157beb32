/* One request from its first byte to its answer, and what the server keeps. */
#ifndef S3D_REQUEST_H
#define S3D_REQUEST_H
#include "bucket.h"
#include "faults.h"
#include "hostile.h"
#include "journal.h"
#include "listing.h"
#include "object.h"
#include "options.h"
#include "sessions.h"
#include "sigv4.h"
#include "uri.h"
#include "waits.h"

#include <limits.h>
#include <openssl/evp.h>

struct MHD_Connection;

struct server {
  struct options options;
  int root;
  struct listings *listings;
  struct objects *objects;
  struct faults *faults;
  struct sessions *sessions;
  struct journal *journal;
  struct waits *waits;
  struct hostile *hostile;
  char *tls_certificate, *tls_key; /* PEM texts, or NULL */
};

enum body_kind { BODY_NONE, BODY_TEXT, BODY_FILE, BODY_SYNTHETIC };
struct body {
  enum body_kind kind;
  char *text; /* owned */
  int fd;     /* owned */
  uint64_t offset, length, index, object_size;
};

enum { ANSWER_HEADERS = 24, ANSWER_VALUE = 512, REQUEST_HEADERS = 64, BUCKET_SIZE = 256 };
struct answer {
  unsigned status;
  struct answer_header {
    const char *name;
    char value[ANSWER_VALUE];
  } headers[ANSWER_HEADERS];
  size_t header_count;
  char made_name[64]; /* of the one header whose name is no literal */
  struct body body;
  bool ready;
};

/* What a fault does to the sending of a body; UINT64_MAX: nothing. */
struct harm {
  uint64_t cut_at, hang_at, promise, rate, flip_at;
  bool reset; /* the cut is a reset */
};

enum service { SERVICE_S3, SERVICE_STS, SERVICE_STATS };
enum { UPLOAD_NONE = -1 };

struct request {
  struct server *server;
  struct MHD_Connection *connection;
  char id[17], *target; /* as on the wire */
  const char *method;
  struct sigv4_header headers[REQUEST_HEADERS];
  size_t header_count;
  bool started, waited, hanging, dropped, head;

  enum service service;
  enum operation op;
  char bucket[BUCKET_SIZE], key[KEY_SIZE];
  struct uri_query query;
  struct bucket_settings settings;

  int64_t now; /* the server's clock for this request */
  struct fault fault;
  bool fault_fired;
  struct harm harm;
  struct sigv4_claim claim;
  enum credential credential;

  EVP_MD_CTX *digest;
  uint64_t body_length;
  struct text form; /* the body of an STS request */
  int upload;       /* the file that a PUT goes to */
  char upload_path[PATH_MAX];

  struct answer answer;
};

/* route.c: what is asked for. false: the answer is made. */
bool request_route(struct request *r);

/* auth.c, gate.c: false: refused, and the answer is made. */
bool request_authorize(struct request *r);
bool request_gate(struct request *r);
bool request_is_public(const struct request *r);
const char *request_header(const struct request *r, const char *name); /* NULL when absent */

/* fault_effects.c */
bool request_fault_before(struct request *r); /* false: the fault has made the answer, or dropped the request */
void request_fault_after(struct request *r);
void request_fault_fired(struct request *r, const char *detail);

/* operations.c, get.c, page.c, versions_page.c, tags.c, sts.c, upload.c: make the answer. */
void request_serve(struct request *r);
void request_get(struct request *r);
void request_list(struct request *r);
void request_list_versions(struct request *r);
void request_tags(struct request *r);
void request_sts(struct request *r);
void request_upload_start(struct request *r);
void request_upload_data(struct request *r, const char *data, size_t n);
void request_upload_end(struct request *r);
void request_upload_drop(struct request *r);
void request_delete(struct request *r);

/* answer.c */
void answer_header(struct answer *a, const char *name, const char *value);
void answer_header_copy(struct answer *a, const char *name, const char *value); /* one name an answer */
void answer_status(struct request *r, unsigned status);
void answer_text(struct request *r, unsigned status, const char *type, char *text, size_t len); /* takes the text */
void body_finish(struct body *b);
int64_t body_read(const struct body *b, uint64_t at, char *to, size_t n); /* -1: it cannot be read */

/* error.c: an error document of S3 or, for its service, of STS. message NULL: the usual one. */
struct error_field {
  const char *name, *value;
};
void answer_error(struct request *r, const char *code, const char *message);
void answer_error_with(struct request *r, const char *code, const char *message, const struct error_field *fields,
                       size_t count);
void answer_error_status(struct request *r, unsigned status, const char *code, const char *message,
                         const struct error_field *fields, size_t count);
#endif
