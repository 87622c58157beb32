#include <sluice/arrow.h>
