/* Loops that are written once, as name_any, and compiled twice: for processors that have what `features` names, and for
 * any. TWICE makes the function that chooses. */
#ifndef PQ_TWICE_H
#define PQ_TWICE_H

#define PQ_INLINE static inline __attribute__((always_inline))
#if defined(__x86_64__)
#define TWICE(features, type, name, parameters, arguments)                                                             \
  __attribute__((target(features))) static type name##_fast parameters {                                               \
    return name##_any arguments;                                                                                       \
  }                                                                                                                    \
  static type name parameters {                                                                                        \
    return __builtin_cpu_supports(features) ? name##_fast arguments : name##_any arguments;                            \
  }
#else
#define TWICE(features, type, name, parameters, arguments)                                                             \
  static type name parameters {                                                                                        \
    return name##_any arguments;                                                                                       \
  }
#endif

#endif
