#!/usr/bin/env python3
"""Writes tables.h: the upper 128 bits of the powers of ten, rounded down. Run: python3 tables.py > tables.h"""

LOW, HIGH = -343, 324


def upper128(exponent):
    if exponent >= 0:
        value, shift = 10**exponent, (10**exponent).bit_length() - 128
        return value >> shift if shift > 0 else value << -shift
    divisor = 10**-exponent
    bits = divisor.bit_length() + 128
    value = (1 << bits) // divisor
    return value >> (value.bit_length() - 128)


print("/* Upper 128 bits of 10^POWER_MIN..10^POWER_MAX, rounded down, the highest bit set. Made by tables.py; do not edit. */")
print("/* clang-format off */")
print(f"enum {{ POWER_MIN = {LOW}, POWER_MAX = {HIGH}, POWER_EXACT_MAX = 55 /* 0..55 are exact */ }};")
print("static const uint64_t powers[][2] = { /* high, low */")
for e in range(LOW, HIGH + 1):
    v = upper128(e)
    print(f"    {{0x{v >> 64:016x}u, 0x{v & (2**64 - 1):016x}u}},")
print("};")
