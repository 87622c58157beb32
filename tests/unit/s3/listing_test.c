/* The listing's XML: pages, encodings, and everything that must be refused. */
#include "base/xml.h"
#include "check.h"
#include "list/listing.h"
#include <stdlib.h>

#define OPEN "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
#define CLOSE "</ListBucketResult>"
#define ENTRY(key, size) "<Contents><Key>" key "</Key><Size>" size "</Size></Contents>"

static bool parse_form(const char *xml, size_t n, size_t step, enum listing_form form, struct listing_page *page,
                       struct fault *fault) {
  struct listing_reader *reader = listing_reader_create(page, form);
  bool ok = true;
  fault_clear(fault);
  for (size_t at = 0; ok && at < n; at += step)
    ok = listing_reader_feed(reader, xml + at, n - at < step ? n - at : step, fault);
  ok = ok && listing_reader_end(reader, fault);
  listing_reader_destroy(reader);
  return ok;
}

static bool parse_n(const char *xml, size_t n, size_t step, struct listing_page *page, struct fault *fault) {
  return parse_form(xml, n, step, LISTING_OBJECTS, page, fault);
}

static bool parse(const char *xml, size_t step, struct listing_page *page, struct fault *fault) {
  return parse_n(xml, strlen(xml), step, page, fault);
}

static const char whole[] = OPEN
    "<Name>b</Name><IsTruncated>true</IsTruncated><NextContinuationToken>a+/b=</NextContinuationToken>"
    "<Contents><Key>a &amp; b</Key><LastModified>2024-02-29T13:05:59.123Z</LastModified><ETag>&quot;abc-2&quot;</ETag>"
    "<Size>12</Size><Owner><ID>1</ID><DisplayName><Key>no</Key></DisplayName></Owner>"
    "<StorageClass>STANDARD</StorageClass></Contents>"
    "<Contents><Key>b</Key><ETag>nq</ETag><Size>0</Size><StorageClass>GLACIER</StorageClass></Contents>"
    "<Contents><Key>c</Key><Size>9223372036854775807</Size><StorageClass>GLACIER_IR</StorageClass></Contents>"
    "<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>" CLOSE;

static void a_page(void **state) {
  (void)state;
  for (size_t step = 1; step < sizeof whole; step = step * 2 + 1) {
    struct listing_page page = {.count = 0};
    struct fault fault;
    assert_true(parse(whole, step, &page, &fault));
    assert_int_equal(page.count, 4);
    assert_true(page.truncated);
    assert_string_equal(listing_text(&page, page.token), "a+/b=");
    assert_string_equal(listing_text(&page, page.entries[0].key), "a & b");
    assert_string_equal(listing_text(&page, page.entries[0].etag), "abc-2");
    assert_int_equal(page.entries[0].size, 12);
    assert_true(page.entries[0].modified == INT64_C(1709211959123000));
    assert_false(page.entries[0].archived);
    assert_string_equal(listing_text(&page, page.entries[1].etag), "nq");
    assert_true(page.entries[1].archived);
    assert_string_equal(listing_text(&page, page.entries[2].etag), "");
    assert_true(page.entries[2].size == INT64_MAX && page.entries[2].modified == INT64_MIN);
    assert_false(page.entries[2].archived);
    assert_true(page.entries[2].kind == LISTING_OBJECT && page.entries[3].kind == LISTING_FOLDER);
    assert_string_equal(listing_key(&page, 3), "d/");
    listing_page_finish(&page);
  }
}

static void empty_pages(void **state) {
  (void)state;
  struct listing_page page = {.count = 0};
  struct fault fault;
  assert_true(parse(OPEN "<IsTruncated>false</IsTruncated>" CLOSE, 7, &page, &fault));
  assert_int_equal(page.count, 0);
  assert_false(page.truncated);
  listing_page_finish(&page);
  assert_true(parse("<ListBucketResult/>", 7, &page, &fault));
  listing_page_finish(&page);
}

static void url_encoding(void **state) {
  (void)state;
  struct listing_page page = {.count = 0};
  struct fault fault;
  assert_true(parse(OPEN ENTRY("a%2B+b%2Fc", "1") "<EncodingType>url</EncodingType>" CLOSE, 5, &page, &fault));
  assert_string_equal(listing_text(&page, page.entries[0].key), "a+ b/c");
  listing_page_finish(&page);
  assert_true(parse(OPEN ENTRY("a%2B+b", "1") CLOSE, 5, &page, &fault)); /* a server that did not encode */
  assert_string_equal(listing_text(&page, page.entries[0].key), "a%2B+b");
  listing_page_finish(&page);
}

/* Folders come behind all keys of a page, and are merged in. */
/* RGW repeats the prefix as a reference that XML 1.0 forbids; only where keys are not encoded does that lose something.
 */
static void control_characters(void **state) {
  (void)state;
  static const char encoded[] = OPEN "<EncodingType>url</EncodingType><Prefix>a&#x1;&#31;&amp;&#65;&#</Prefix>"
                                     "<IsTruncated>false</IsTruncated>" ENTRY("a%01", "1") CLOSE;
  static const char plain[] = OPEN "<IsTruncated>false</IsTruncated>" ENTRY("a&#x01;b", "1") CLOSE;
  char good[sizeof encoded];
  memcpy(good, encoded, sizeof encoded);
  char *broken = strstr(good, "&#<"); /* what is no reference stays an error */
  for (size_t step = 1; step < 64; step++) {
    struct listing_page page = {.count = 0};
    struct fault fault;
    memcpy(broken, "&#<", 3);
    assert_false(parse(good, step, &page, &fault));
    listing_page_finish(&page);
    page = (struct listing_page){.count = 0};
    memcpy(broken, "cd<", 3);
    assert_true(parse(good, step, &page, &fault));
    assert_string_equal(listing_key(&page, 0), "a\x01");
    listing_page_finish(&page);
    page = (struct listing_page){.count = 0};
    assert_false(parse(plain, step, &page, &fault));
    assert_non_null(strstr(fault.message, "control character"));
    listing_page_finish(&page);
  }
}

static void folders(void **state) {
  (void)state;
  static const char xml[] = OPEN "<EncodingType>url</EncodingType>" ENTRY("a-", "1") ENTRY("a0", "1")
      ENTRY("b%2F", "0") "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>c+d%2F</Prefix>"
                         "</CommonPrefixes>" CLOSE;
  static const char *const keys[] = {"a-", "a/", "a0", "b/", "c d/"};
  struct listing_page page = {.count = 0};
  struct fault fault;
  assert_true(parse(xml, 9, &page, &fault));
  assert_int_equal(page.count, 5);
  for (size_t i = 0; i < 5; i++)
    assert_string_equal(listing_key(&page, i), keys[i]);
  assert_int_equal(page.entries[1].kind, LISTING_FOLDER);
  assert_int_equal(page.entries[3].kind, LISTING_OBJECT);
  listing_page_finish(&page);
}

#define VERSIONS(inside) "<ListVersionsResult>" inside "</ListVersionsResult>"
#define VERSION(key, id, latest)                                                                                       \
  "<Version><Key>" key "</Key><VersionId>" id "</VersionId><IsLatest>" latest "</IsLatest><Size>1</Size></Version>"
#define MARKER(key, id, latest)                                                                                        \
  "<DeleteMarker><Key>" key "</Key><VersionId>" id "</VersionId><IsLatest>" latest "</IsLatest></DeleteMarker>"

static void versions(void **state) {
  (void)state;
  static const char xml[] =
      VERSIONS("<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>c%2B+d</NextKeyMarker>"
               "<NextVersionIdMarker>3/L4+x</NextVersionIdMarker>" VERSION("a", "v2", "true")
                   VERSION("a", "v1", "false") MARKER("b", "m", "true") VERSION("c%2B+d", "null", "false"));
  struct listing_page page = {.count = 0};
  struct fault fault;
  assert_true(parse_form(xml, sizeof xml - 1, 13, LISTING_VERSIONS, &page, &fault));
  assert_int_equal(page.count, 4);
  assert_true(page.truncated);
  assert_string_equal(listing_text(&page, page.token), "c+ d");
  assert_string_equal(listing_text(&page, page.version_token), "3/L4+x");
  assert_string_equal(listing_text(&page, page.entries[0].version_id), "v2");
  assert_true(page.entries[0].latest && !page.entries[1].latest);
  assert_string_equal(listing_key(&page, 2), "b");
  assert_true(page.entries[2].kind == LISTING_DELETED && page.entries[2].latest);
  assert_string_equal(listing_key(&page, 3), "c+ d");
  listing_page_finish(&page);
  static const char no_id[] = VERSIONS("<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>");
  assert_true(parse_form(no_id, sizeof no_id - 1, 13, LISTING_VERSIONS, &page, &fault));
  assert_string_equal(listing_text(&page, page.version_token), "");
  listing_page_finish(&page);
}

static void bad_versions(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {VERSIONS("<Version><Key>a</Key><VersionId>1</VersionId><Size>1</Size></Version>"), "IsLatest"},
      {VERSIONS(VERSION("a", "1", "maybe")), "IsLatest"},
      {VERSIONS("<DeleteMarker><Key>a</Key><IsLatest>true</IsLatest></DeleteMarker>"), "VersionId"},
      {VERSIONS(VERSION("a", "1 2", "true")), "VersionId"},
      {VERSIONS(VERSION("a", "&quot;", "true")), "VersionId"},
      {VERSIONS("<IsTruncated>true</IsTruncated>"), "no token"},
      {VERSIONS("<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>%2</NextKeyMarker>"),
       "url encoded"},
      {OPEN CLOSE, "no ListVersionsResult"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct listing_page page = {.count = 0};
    struct fault fault;
    assert_false(parse_form(cases[i][0], strlen(cases[i][0]), 7, LISTING_VERSIONS, &page, &fault));
    if (fault.kind != FAULT_DATA || !strstr(fault.message, cases[i][1]))
      fail_msg("%s: %d \"%s\"", cases[i][0], fault.kind, fault.message);
    listing_page_finish(&page);
  }
}

static void fails(const char *xml, enum fault_kind kind, const char *why) {
  struct listing_page page = {.count = 0};
  struct fault fault;
  assert_false(parse(xml, 11, &page, &fault));
  if (fault.kind != kind || !strstr(fault.message, why))
    fail_msg("%.200s: kind %d, \"%s\", wanted %d, \"%s\"", xml, fault.kind, fault.message, kind, why);
  listing_page_finish(&page);
}

static void broken_xml(void **state) {
  (void)state;
  fails("", FAULT_UNREADABLE, "no element");
  fails("<html><body>login</body></html>", FAULT_UNREADABLE, "a web page, from a proxy or a wrong endpoint");
  fails("<!doctype html><title>login</title>", FAULT_UNREADABLE, "a web page, from a proxy or a wrong endpoint");
  fails("<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\n<p>login", FAULT_UNREADABLE, "a web page");
  fails("<Result/>", FAULT_DATA, "no ListBucketResult");
  fails("not xml at all", FAULT_UNREADABLE, "cannot be read");
  fails(OPEN ENTRY("a", "1"), FAULT_UNREADABLE, "no element");
  fails(OPEN "<Contents><Key>a</Size></Contents>" CLOSE, FAULT_UNREADABLE, "mismatched");
  for (size_t n = 1; n < sizeof whole - 1; n += 13) { /* cut anywhere it is never taken for a whole page */
    struct listing_page page = {.count = 0};
    struct fault fault;
    assert_false(parse_n(whole, n, 64, &page, &fault));
    assert_int_equal(fault.kind, FAULT_UNREADABLE);
    listing_page_finish(&page);
  }
}

static void hostile_xml(void **state) {
  (void)state;
  fails("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>" OPEN ENTRY("&b;", "1") CLOSE,
        FAULT_UNREADABLE, "document type");
  fails("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><ListBucketResult/>", FAULT_UNREADABLE, "document type");
  fails("<ListBucketResult><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>", FAULT_DATA, "too deep");
}

static void repeated(const char *before, size_t n, const char *after, const char *why) {
  char *xml = malloc(n + strlen(before) + strlen(after) + 1);
  memcpy(xml, before, strlen(before));
  memset(xml + strlen(before), 'x', n);
  memcpy(xml + strlen(before) + n, after, strlen(after) + 1);
  struct listing_page page = {.count = 0};
  struct fault fault;
  assert_false(parse(xml, 4096, &page, &fault));
  assert_int_equal(fault.kind, FAULT_DATA);
  if (!strstr(fault.message, why))
    fail_msg("%s", fault.message);
  listing_page_finish(&page);
  free(xml);
}

static void over_long(void **state) {
  (void)state;
  repeated(OPEN "<Contents><Key>", XML_TEXT_MAX + 1, "</Key>", "too long");
  repeated(OPEN "<", XML_TOKEN_MAX * 3, "/>", "too long");
  repeated(OPEN "<a b='", XML_TOKEN_MAX * 3, "'/>", "too long");
  repeated(OPEN "<Contents><Key>", 4000, "</Key><Size>1</Size></Contents>" CLOSE, "too long");
  repeated(OPEN "<Contents><ETag>", 1001, "</ETag></Contents>" CLOSE, "ETag");
}

static void bad_values(void **state) {
  (void)state;
  fails(OPEN ENTRY("a", "-1") CLOSE, FAULT_DATA, "Size");
  fails(OPEN ENTRY("a", "12x") CLOSE, FAULT_DATA, "Size");
  fails(OPEN ENTRY("a", "9223372036854775808") CLOSE, FAULT_DATA, "Size");
  fails(OPEN "<Contents><Key>a</Key></Contents>" CLOSE, FAULT_DATA, "no Size");
  fails(OPEN "<Contents><Size>1</Size></Contents>" CLOSE, FAULT_DATA, "no Key");
  fails(OPEN "<Contents><Key>a</Key><Key>b</Key><Size>1</Size></Contents>" CLOSE, FAULT_DATA, "two keys");
  fails(OPEN ENTRY("", "1") CLOSE, FAULT_DATA, "empty");
  fails(OPEN "<Contents><ETag>a&#10;X: y</ETag></Contents>" CLOSE, FAULT_DATA, "ETag");
  fails(OPEN "<IsTruncated>true</IsTruncated>" CLOSE, FAULT_DATA, "no token");
  fails(OPEN "<CommonPrefixes></CommonPrefixes>" CLOSE, FAULT_DATA, "no Key");
  fails(OPEN "<CommonPrefixes><Prefix></Prefix></CommonPrefixes>" CLOSE, FAULT_DATA, "empty");
  fails(OPEN "<EncodingType>url</EncodingType>" ENTRY("a%2", "1") CLOSE, FAULT_DATA, "url encoded");
  fails(OPEN "<EncodingType>url</EncodingType>" ENTRY("a%00b", "1") CLOSE, FAULT_DATA, "UTF-8");
  fails(OPEN "<EncodingType>url</EncodingType>" ENTRY("a%ff", "1") CLOSE, FAULT_DATA, "UTF-8");
}

static void errors_inside_a_200(void **state) {
  (void)state;
  struct listing_page page = {.count = 0};
  struct fault fault;
  assert_false(parse("<Error><Code>InternalError</Code><Message>again</Message></Error>", 9, &page, &fault));
  assert_int_equal(fault.kind, FAULT_TRANSIENT);
  assert_int_equal(fault.http, 500);
  assert_string_equal(fault.message, "again");
  assert_false(parse("<Error><Code>SlowDown</Code></Error>", 9, &page, &fault));
  assert_int_equal(fault.kind, FAULT_THROTTLE);
  listing_page_finish(&page);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_page),       cmocka_unit_test(empty_pages),
                                     cmocka_unit_test(url_encoding), cmocka_unit_test(control_characters),
                                     cmocka_unit_test(folders),      cmocka_unit_test(versions),
                                     cmocka_unit_test(bad_versions), cmocka_unit_test(broken_xml),
                                     cmocka_unit_test(hostile_xml),  cmocka_unit_test(over_long),
                                     cmocka_unit_test(bad_values),   cmocka_unit_test(errors_inside_a_200)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
