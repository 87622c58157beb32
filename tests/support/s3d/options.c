/* The command line of s3d. */
#include "options.h"
#include "sessions.h"
#include "synthetic.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "s3d: an S3 server for tests and for trying things out. It serves a folder, on 127.0.0.1 only.\n"
    "\n"
    "usage: s3d --root DIR [OPTION...]\n"
    "\n"
    "Each folder in DIR is a bucket; each file below it is an object whose key is its path. An empty folder shows as\n"
    "a folder marker (a key of no bytes that ends with `/`). Tags of a bucket: DIR/.tags/BUCKET, tags of an object:\n"
    "DIR/.tags/BUCKET.objects/KEY, one KEY=VALUE a line. Requests must be signed (Signature Version 4), by header or\n"
    "presigned; s3d checks all of it.\n"
    "\n"
    "  --root DIR             the folder to serve (it must exist)\n"
    "  --port N               the port; 0, the default: any free one\n"
    "  --port-file FILE       write the port there once ready (appears at once and whole)\n"
    "  --access-key K         the access key that clients must use   [S3DACCESSKEY]\n"
    "  --secret-key S         its secret                             [s3d-secret-key]\n"
    "  --session-token T      a session token that must come with them\n"
    "  --region R             the region that requests must be signed for [us-east-1]\n"
    "  --roles FILE           roles for STS AssumeRole: lines `ARN EXTERNAL_ID LONGEST_SECONDS [TRUSTED_ARN]`;\n"
    "                         EXTERNAL_ID `-`: none is asked for; TRUSTED_ARN: only this user or role may assume it\n"
    "  --session-seconds N    role sessions last N seconds, whatever the client asks for\n"
    "  --expired FORM         keys of a session that is over: aws, 400 ExpiredToken; ceph, 403 InvalidAccessKeyId "
    "[aws]\n"
    "  --tls-cert FILE, --tls-key FILE   https, with this certificate and key (PEM)\n"
    "  --delay MS             wait so long before each answer\n"
    "  --page N               at most N keys in a listing (1 to 1000) [1000]\n"
    "  --cache-listing        read the names of a bucket once only (it will not see new files)\n"
    "  --synthetic N:SIZE     also serve a bucket `synthetic`: N generated CSV objects of SIZE bytes each (128 or "
    "more)\n"
    "  --clock-offset S       the server's clock is S seconds off\n"
    "  --connections N        at most N connections at once [2000]\n"
    "  --script FILE          inject faults (below); read again when it changes; it may come later\n"
    "  --log FILE             append a line for each request and each fault\n"
    "  --help, --version\n";

static const char help_buckets[] =
    "\n"
    "DIR/.buckets/BUCKET says what a bucket is like, one NAME=VALUE a line, read again for each request:\n"
    "  region=R               requests must be signed for R; if they are not, they are refused in the form of\n"
    "  redirect=FORM          400 AuthorizationHeaderMalformed [400], 301 PermanentRedirect, 307 TemporaryRedirect, "
    "all\n"
    "                         with x-amz-bucket-region; 400-body, 301-body, 307-location, illegal (...Constraint-\n"
    "                         Exception), head-403: without it, so that only a HEAD of the bucket tells\n"
    "  allow=ARN [OP,OP...]   only these users and roles may come in, and for these operations only (as in a fault\n"
    "                         script); the keys of the options are " SESSION_USER "\n"
    "  public=true            reading needs no signature\n"
    "  owner=ACCOUNT          whom x-amz-expected-bucket-owner must name [" SESSION_ACCOUNT "]\n"
    "  requester-pays=true    refused without x-amz-request-payer\n"
    "  class=NAME GLOB [restored]   storage class of the keys that match; GLACIER and DEEP_ARCHIVE cannot be read\n"
    "  checksum=KIND          crc32, crc32c, crc64nvme, sha1 or sha256, sent with whole objects to who asks for it\n"
    "  checksum-type=COMPOSITE   the checksum is one of parts [FULL_OBJECT]\n"
    "  sse-c-key=BASE64       all objects need this key of SSE-C;  sse-c-http=true: also without TLS\n"
    "  versions=true          keep what PUT and DELETE take away, in DIR/.versions (not what changes in DIR itself)\n";

static const char help_script[] =
    "\n"
    "A fault script has lines `OP[:GLOB] ACTION [ARGUMENTS] [times=N] [skip=N] [every=N]`; # starts a comment.\n"
    "OP is LIST, VERSIONS, GET, HEAD, TAGS, PUT, DELETE, STS or ANY; GLOB is matched with the key (for LIST: the "
    "prefix), `*`\n"
    "also matches `/`. The first line that matches and is due is used. times: so often at most; skip: not the first N\n"
    "matches; every: only each Nth match after that. Actions:\n"
    "  error STATUS CODE      any S3 error\n"
    "  slowdown [SECONDS]     503 SlowDown, with Retry-After if SECONDS is given\n"
    "  internal-error         500 InternalError\n"
    "  error-in-200 [CODE]    status 200, and an Error document as body [InternalError]\n"
    "  drop                   close the connection without an answer\n"
    "  cut K                  close the connection after K bytes of the body\n"
    "  cut-random SEED        the same after a random part of it\n"
    "  reset [K]              reset the connection after K bytes of the body [0]\n"
    "  corrupt [K]            byte K of the object is another, if it is sent [0];  wrong-checksum: x-amz-checksum-... "
    "is\n"
    "  huge-length [N]        promise N bytes [2^50], send the body, close\n"
    "  delay MS               wait, then answer rightly\n"
    "  slow BYTES             send so many bytes a second\n"
    "  hang [MS]              no answer for MS [an hour], then close;   hang-mid K: the same after K bytes\n"
    "  wrong-content-range [D]   Content-Range is D bytes off [1];      ignore-range: 200 and all of the object\n"
    "  wrong-region R [HOW]   the bucket is in region R: a request signed for another is refused with 400\n"
    "                         AuthorizationHeaderMalformed, 301 PermanentRedirect or 307 TemporaryRedirect (HOW) "
    "[400]\n"
    "  clock-skew S           for this request the server's clock is S seconds off\n"
    "  expired-token          400 ExpiredToken; a role session is over from then on\n"
    "  expired-mid K          cut after K bytes, and then the keys have expired (fixed keys: for one request)\n"
    "  change                 the object changes now: it has another ETag from here on\n"
    "  gone                   404 NoSuchKey\n"
    "  broken-xml, unordered, repeat-token   (LIST) a listing that stops in the middle, is not in order, or gives\n"
    "                         the token that it was asked with\n"
    "  empty-page             (LIST) no keys, and a new token; it goes on rightly when this ends\n"
    "  ignore-start-after, ignore-encoding   (LIST) as some services do\n"
    "  garbage KIND           status 200 and a body of random bytes, html, deep XML, a doctype that explodes, a very "
    "long\n"
    "                         text, or none: bytes, html, deep, doctype, text, empty\n"
    "  hostile KIND           without end: headers, header-line, interim (answers 100), body, error-body; and "
    "not-http\n"
    "\n"
    "GET /_s3d/stats (unsigned) gives counters as JSON. s3d ends on SIGTERM and SIGINT.\n"
    "\n"
    "example:\n"
    "  mkdir -p data/demo && printf 'id\\n1\\n' > data/demo/a.csv\n"
    "  s3d --root data --port 9000 &\n"
    "  curl --aws-sigv4 aws:amz:us-east-1:s3 --user S3DACCESSKEY:s3d-secret-key \\\n"
    "    -H x-amz-content-sha256:UNSIGNED-PAYLOAD http://127.0.0.1:9000/demo/a.csv\n";

static bool complain(const char *option, const char *value, const char *wanted) {
  fprintf(stderr, "s3d: %s %s: %s; see s3d --help\n", option, value, wanted);
  return false;
}

static bool read_number(const char *option, const char *text, int64_t least, int64_t most, int64_t *out) {
  char *end = NULL, wanted[96];
  errno = 0;
  long long v = strtoll(text, &end, 10);
  if (end == text || *end || errno || v < least || v > most) {
    snprintf(wanted, sizeof wanted, "a whole number from %lld to %lld is needed", (long long)least, (long long)most);
    return complain(option, text, wanted);
  }
  *out = v;
  return true;
}

static bool read_synthetic(const char *text, struct options *o) {
  char *end = NULL;
  unsigned long long count = strtoull(text, &end, 10), size = 0;
  if (end != text && *end == ':')
    size = strtoull(end + 1, &end, 10);
  if (*end || count < 1 || count > SYNTHETIC_MOST_KEYS || size < SYNTHETIC_LEAST || size > (1ull << 44))
    return complain("--synthetic", text, "COUNT:SIZE is needed, COUNT from 1 to 100000000, SIZE 128 or more");
  o->synthetic_count = count;
  o->synthetic_size = size;
  return true;
}

enum { ROOT = 1, PORT, PORT_FILE, ACCESS, SECRET, TOKEN, REGION, ROLES, SESSION, DELAY, PAGE, CACHE, SYNTHETIC, CLOCK };
enum { CONNECTIONS = CLOCK + 1, SCRIPT, LOG, EXPIRED, TLS_CERTIFICATE, TLS_KEY, HELP, VERSION };

static const struct option names[] = {{"root", 1, NULL, ROOT},
                                      {"port", 1, NULL, PORT},
                                      {"port-file", 1, NULL, PORT_FILE},
                                      {"access-key", 1, NULL, ACCESS},
                                      {"secret-key", 1, NULL, SECRET},
                                      {"session-token", 1, NULL, TOKEN},
                                      {"region", 1, NULL, REGION},
                                      {"roles", 1, NULL, ROLES},
                                      {"session-seconds", 1, NULL, SESSION},
                                      {"delay", 1, NULL, DELAY},
                                      {"page", 1, NULL, PAGE},
                                      {"cache-listing", 0, NULL, CACHE},
                                      {"synthetic", 1, NULL, SYNTHETIC},
                                      {"clock-offset", 1, NULL, CLOCK},
                                      {"connections", 1, NULL, CONNECTIONS},
                                      {"script", 1, NULL, SCRIPT},
                                      {"log", 1, NULL, LOG},
                                      {"expired", 1, NULL, EXPIRED},
                                      {"tls-cert", 1, NULL, TLS_CERTIFICATE},
                                      {"tls-key", 1, NULL, TLS_KEY},
                                      {"help", 0, NULL, HELP},
                                      {"version", 0, NULL, VERSION},
                                      {0}};

/* Where the value of an option that is a text goes; NULL for the others. */
static const char **text_place(int option, struct options *o) {
  switch (option) {
  case ROOT:
    return &o->root;
  case PORT_FILE:
    return &o->port_file;
  case ACCESS:
    return &o->access_key;
  case SECRET:
    return &o->secret_key;
  case TOKEN:
    return &o->session_token;
  case REGION:
    return &o->region;
  case ROLES:
    return &o->roles;
  case SCRIPT:
    return &o->script;
  case LOG:
    return &o->log;
  case TLS_CERTIFICATE:
    return &o->tls_certificate;
  case TLS_KEY:
    return &o->tls_key;
  default:
    return NULL;
  }
}

static bool read_number_option(int option, const char *value, struct options *o) {
  int64_t n = 0;
  switch (option) {
  case PORT:
    if (!read_number("--port", value, 0, 65535, &n))
      return false;
    o->port = (uint16_t)n;
    return true;
  case EXPIRED:
    o->expired_as_ceph = strcmp(value, "ceph") == 0;
    return o->expired_as_ceph || strcmp(value, "aws") == 0 || complain("--expired", value, "aws or ceph is needed");
  case SESSION:
    return read_number("--session-seconds", value, 1, 43200, &o->session_seconds);
  case DELAY:
    return read_number("--delay", value, 0, 3600000, &o->delay_ms);
  case CLOCK:
    return read_number("--clock-offset", value, -1000000000, 1000000000, &o->clock_offset);
  case PAGE:
    if (!read_number("--page", value, 1, 1000, &n))
      return false;
    o->page = (uint64_t)n;
    return true;
  case CONNECTIONS:
    if (!read_number("--connections", value, 1, 100000, &n))
      return false;
    o->connections = (uint64_t)n;
    return true;
  default:
    return read_synthetic(value, o);
  }
}

static bool check_texts(const struct options *o) {
  if (!o->root) {
    fprintf(stderr, "s3d: --root DIR is needed: the folder to serve; see s3d --help\n");
    return false;
  }
  if (!*o->access_key || strlen(o->access_key) > 128)
    return complain("--access-key", o->access_key, "1 to 128 characters are needed");
  if (!*o->secret_key || strlen(o->secret_key) > 128)
    return complain("--secret-key", "(hidden)", "1 to 128 characters are needed");
  if (!o->tls_certificate != !o->tls_key)
    return complain("--tls-cert", "and --tls-key", "both or none are needed");
  return (*o->region && strlen(o->region) < 64) || complain("--region", o->region, "1 to 63 characters are needed");
}

enum options_result options_read(int argc, char **argv, struct options *out) {
  *out = (struct options){.access_key = "S3DACCESSKEY",
                          .secret_key = "s3d-secret-key",
                          .region = "us-east-1",
                          .page = 1000,
                          .connections = 2000};
  for (int c = getopt_long(argc, argv, "", names, NULL); c != -1; c = getopt_long(argc, argv, "", names, NULL)) {
    const char **place = text_place(c, out);
    if (c == HELP || c == VERSION) {
      fputs(c == HELP ? help : "s3d 0.1.0\n", stdout);
      fputs(c == HELP ? help_buckets : "", stdout);
      fputs(c == HELP ? help_script : "", stdout);
      return OPTIONS_DONE;
    }
    if (c == '?')
      return OPTIONS_WRONG;
    if (place)
      *place = optarg;
    else if (c == CACHE)
      out->cache_listing = true;
    else if (!read_number_option(c, optarg, out))
      return OPTIONS_WRONG;
  }
  if (optind < argc) {
    complain("argument", argv[optind], "not an option");
    return OPTIONS_WRONG;
  }
  return check_texts(out) ? OPTIONS_RUN : OPTIONS_WRONG;
}
