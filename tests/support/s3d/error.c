/* Error documents, in the words of S3 and STS. */
#include "request.h"
#include "xml.h"

#include <stdlib.h>
#include <string.h>

static const struct {
  const char *code;
  unsigned status;
  const char *message;
} known[] = {
    {"AccessDenied", 403, "Access Denied"},
    {"AuthorizationHeaderMalformed", 400, "The authorization header you provided is invalid."},
    {"AuthorizationQueryParametersError", 400, "The authorization query parameters you provided are not valid."},
    {"BadDigest", 400, "The Content-MD5 you specified did not match what we received."},
    {"BucketNotEmpty", 409, "The bucket you tried to delete is not empty"},
    {"ExpiredToken", 400, "The provided token has expired."},
    {"ExpiredTokenException", 403, "The security token included in the request is expired"},
    {"IllegalLocationConstraintException", 400,
     "The location constraint is incompatible for the region specific endpoint this request was sent to."},
    {"InternalError", 500, "We encountered an internal error. Please try again."},
    {"InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."},
    {"InvalidAction", 400, "Could not find operation for this request"},
    {"InvalidArgument", 400, "Invalid Argument"},
    {"InvalidBucketName", 400, "The specified bucket is not valid."},
    {"InvalidClientTokenId", 403, "The security token included in the request is invalid."},
    {"InvalidEncryptionAlgorithmError", 400, "The Encryption request you specified is not valid."},
    {"InvalidObjectState", 403, "The operation is not valid for the object's storage class"},
    {"InvalidRange", 416, "The requested range is not satisfiable"},
    {"InvalidRequest", 400, "Invalid Request"},
    {"InvalidToken", 400, "The provided token is malformed or otherwise invalid."},
    {"InvalidURI", 400, "Couldn't parse the specified URI."},
    {"KeyTooLongError", 400, "Your key is too long"},
    {"MethodNotAllowed", 405, "The specified method is not allowed against this resource."},
    {"MissingAuthenticationToken", 403, "Request is missing Authentication Token"},
    {"NoSuchBucket", 404, "The specified bucket does not exist"},
    {"NoSuchKey", 404, "The specified key does not exist."},
    {"NoSuchTagSet", 404, "The TagSet does not exist"},
    {"NoSuchVersion", 404, "The specified version does not exist."},
    {"NotImplemented", 501, "A header or query you provided requests functionality that is not implemented."},
    {"PermanentRedirect", 301,
     "The bucket you are attempting to access must be addressed using the specified endpoint. "
     "Please send all future requests to this endpoint."},
    {"PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"},
    {"RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large."},
    {"SignatureDoesNotMatch", 403,
     "The request signature we calculated does not match the signature you provided. "
     "Check your key and signing method."},
    {"SlowDown", 503, "Please reduce your request rate."},
    {"TemporaryRedirect", 307,
     "Please re-send this request to the specified temporary endpoint. "
     "Continue to use the original request endpoint for future requests."},
    {"ValidationError", 400, "The input fails to satisfy the constraints specified by an AWS service."},
    {"XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed."},
};

static size_t find(const char *code) {
  size_t i = 0;
  while (i < sizeof known / sizeof *known && strcmp(known[i].code, code) != 0)
    i++;
  return i;
}

/* A long text without meaning, as S3 has it, made from the id of the request. */
static void host_id(const struct request *r, char text[80]) {
  text[0] = '\0';
  for (int i = 0; i < 4; i++)
    memcpy(text + 16 * i, r->id, 17);
  memcpy(text + 64, "s3d=", 5);
}

static char *s3_document(const struct request *r, const char *code, const char *message,
                         const struct error_field *fields, size_t count, size_t *len) {
  struct xml x;
  char host[80];
  host_id(r, host);
  xml_init(&x, "Error", NULL);
  xml_text(&x, "Code", code);
  xml_text(&x, "Message", message);
  for (size_t i = 0; i < count; i++)
    xml_text(&x, fields[i].name, fields[i].value);
  if (*r->bucket)
    xml_text(&x, "BucketName", r->bucket);
  if (*r->key)
    xml_text(&x, "Key", r->key);
  xml_text(&x, "RequestId", r->id);
  xml_text(&x, "HostId", host);
  xml_end(&x);
  return xml_take(&x, len);
}

static char *sts_document(const struct request *r, const char *code, const char *message, size_t *len) {
  struct xml x;
  xml_init(&x, "ErrorResponse", XML_STS);
  xml_start(&x, "Error");
  xml_text(&x, "Type", "Sender");
  xml_text(&x, "Code", code);
  xml_text(&x, "Message", message);
  xml_end(&x);
  xml_text(&x, "RequestId", r->id);
  xml_end(&x);
  return xml_take(&x, len);
}

void answer_error_status(struct request *r, unsigned status, const char *code, const char *message,
                         const struct error_field *fields, size_t count) {
  size_t len = 0;
  char *text = r->service == SERVICE_STS ? sts_document(r, code, message, &len)
                                         : s3_document(r, code, message, fields, count, &len);
  answer_text(r, status, r->service == SERVICE_STS ? "text/xml" : "application/xml", text, len);
}

void answer_error_with(struct request *r, const char *code, const char *message, const struct error_field *fields,
                       size_t count) {
  size_t i = find(code);
  bool found = i < sizeof known / sizeof *known;
  if (!message)
    message = found ? known[i].message : code;
  answer_error_status(r, found ? known[i].status : 400, code, message, fields, count);
}

void answer_error(struct request *r, const char *code, const char *message) {
  answer_error_with(r, code, message, NULL, 0);
}
