/* stress.h -- what the stress programs share.  Define STRESS_NAME first. */
#ifndef FRESHET_TESTS_STRESS_STRESS_H
#define FRESHET_TESTS_STRESS_STRESS_H

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

__attribute__((format(printf, 1, 2), noreturn))
static inline void fail(const char *format, ...)
{
    char message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    fprintf(stderr, STRESS_NAME ": FAIL: %s\n", message);
    _exit(1);
}

static inline void nap(long ns)
{
    struct timespec t = {0, ns};
    nanosleep(&t, NULL);
}

static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
