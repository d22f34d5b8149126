/* asserts.h -- <check.h>, with asserts that cost nothing when they hold.
 *
 * check writes down the place of every assert that held, to say near which one a
 * test crashed or hung: a system call each, which was half the time of all units.
 * Here a place is written down the first time that a test comes there.
 */
#ifndef FRESHET_TESTS_UNIT_ASSERTS_H
#define FRESHET_TESTS_UNIT_ASSERTS_H

#include <check.h>
#include <stdatomic.h>
#include <stdbool.h>

#define _mark_point(file, line)                                                \
    __extension__({                                                            \
        static atomic_bool noted;                                              \
        if (!atomic_load_explicit(&noted, memory_order_relaxed)) {             \
            atomic_store_explicit(&noted, true, memory_order_relaxed);         \
            (_mark_point)(file, line);                                         \
        }                                                                      \
    })

#endif
