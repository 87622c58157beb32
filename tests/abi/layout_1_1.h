/* What contract 1.1 added, on x86-64. A line here is never changed. */
/* clang-format off */
STRUCT(sluice_test, 32)
MEMBER(sluice_test, column, 0, 16)
MEMBER(sluice_test, literal, 16, 8)
MEMBER(sluice_test, compare, 24, 4)
MEMBER(sluice_test, reserved, 28, 4)
STRUCT(sluice_where, 16)
MEMBER(sluice_where, tests, 0, 8)
MEMBER(sluice_where, count, 8, 8)
STRUCT(sluice_scan, 168)
MEMBER(sluice_scan, accepts, 152, 8)
MEMBER(sluice_scan, where, 160, 8)
