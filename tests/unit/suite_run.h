/* suite_run.h -- the whole of a test program's main(), once. */
#ifndef FRESHET_TESTS_SUITE_RUN_H
#define FRESHET_TESTS_SUITE_RUN_H

#include "asserts.h"
#include <stdlib.h>

/* Sanitizers reserve address space themselves, without limit. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED                                                              \
    (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED 0
#endif
#ifdef __SANITIZE_THREAD__
#define THREAD_SANITIZED 1
#else
#define THREAD_SANITIZED 0
#endif

/* Each test runs with _i from 0 to loops - 1. */
static inline int suite_run_loops(const char *name, const TTest *const *tests,
                                  size_t n, int loops)
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create(name);
    tcase_set_timeout(tc, 60);
    for (size_t i = 0; i < n; i++)
        tcase_add_loop_test(tc, tests[i], 0, loops);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int suite_run(const char *name, const TTest *const *tests,
                            size_t n)
{
    return suite_run_loops(name, tests, n, 1);
}

#endif
