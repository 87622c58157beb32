/* Objects that are encrypted with a key of the customer (SSE-C): who does not bring it is refused. */
#include "sse.h"
#include "request.h"

#include <openssl/evp.h>
#include <string.h>

enum { KEY_BYTES = 32, KEY_TEXT = 44 };

static bool refuse(struct request *r, const char *code, const char *message) {
  answer_error(r, code, message);
  return false;
}

/* 32 bytes in base64. */
static bool decode_key(const char *text, unsigned char key[KEY_TEXT]) {
  return strlen(text) == KEY_TEXT && text[KEY_TEXT - 1] == '=' &&
         EVP_DecodeBlock(key, (const unsigned char *)text, KEY_TEXT) == KEY_BYTES + 1;
}

static bool digest_fits(const unsigned char key[KEY_TEXT], const char *digest) {
  unsigned char md5[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  char text[64];
  if (EVP_Digest(key, KEY_BYTES, md5, &size, EVP_md5(), NULL) != 1)
    return false;
  EVP_EncodeBlock((unsigned char *)text, md5, (int)size);
  return strcmp(text, digest) == 0;
}

static bool key_is_right(struct request *r, const char *key, const char *digest) {
  unsigned char bytes[KEY_TEXT];
  if (!decode_key(key, bytes))
    return refuse(r, "InvalidArgument", "The secret key was invalid for the specified algorithm.");
  if (!digest_fits(bytes, digest))
    return refuse(r, "InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided.");
  return strcmp(key, r->settings.sse_key) == 0 || refuse(r, "AccessDenied", NULL);
}

bool sse_allows(struct request *r) {
  const char *algorithm = request_header(r, "x-amz-server-side-encryption-customer-algorithm");
  const char *key = request_header(r, "x-amz-server-side-encryption-customer-key");
  const char *digest = request_header(r, "x-amz-server-side-encryption-customer-key-md5");
  bool object = (r->op == OP_GET || r->op == OP_HEAD) && *r->key, any = algorithm || key || digest;
  if (!object || (!any && !*r->settings.sse_key))
    return true;
  if (any && !r->server->options.tls_certificate && !r->settings.sse_http)
    return refuse(r, "InvalidRequest",
                  "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure "
                  "connection.");
  if (!*r->settings.sse_key)
    return refuse(r, "InvalidRequest", "The encryption parameters are not applicable to this object.");
  if (!algorithm || !key || !digest)
    return refuse(r, "InvalidRequest",
                  "The object was stored using a form of Server Side Encryption. The correct parameters must be "
                  "provided to retrieve the object.");
  if (strcmp(algorithm, "AES256") != 0)
    return refuse(r, "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid.");
  return key_is_right(r, key, digest);
}
