/* Defaults of AddressSanitizer, linked into the programs of sanitizer builds that load plugins.
 * The run-time of gcc 12 takes other memory for the thread-local data of loaded libraries, and its leak check then dies
 * of signal 11 in a program that is sound; without that interception it finds leaks as before. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *__asan_default_options(void) {
  return "intercept_tls_get_addr=0";
}
