/* `plan` of a configuration: what requests cost, for the estimate of a dry run. */
#ifndef CONFIG_PRICES_H
#define CONFIG_PRICES_H

struct config;
struct config_prices {
  const char *currency;
  double price_per_1000_list; /* requests that list */
  double price_per_1000_get;  /* requests that read */
  double price_per_1000_send; /* requests to the destination */
  double price_per_gib;       /* bytes read from the source */
};
/* NULL: the configuration has none. */
const struct config_prices *config_prices(const struct config *);

#endif
