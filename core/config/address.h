/* An address to listen at, as it is configured. */
#ifndef CONFIG_ADDRESS_H
#define CONFIG_ADDRESS_H
#include <stdbool.h>
#include <sys/socket.h>

#define ADDRESS_WRONG "'%.100s' is no address and port such as \"127.0.0.1:9464\" or \"[::1]:9464\""

bool address_parse(const char *text, struct sockaddr_storage *out);

#endif
