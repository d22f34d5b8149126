/* proto_test.h -- what the tests of proto/ share: limits, files of test data.
 *
 * Outside data is looked for in $FRESHET_SHARED/data, or else in ../shared/data
 * from the root of the tree, as tests/http/harness.py does.  Where there is none, a test says so and is skipped.
 */
#ifndef FRESHET_TESTS_PROTO_TEST_H
#define FRESHET_TESTS_PROTO_TEST_H

#include "asserts.h"
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "proto/setup.h"
#include "suite_run.h"

#define NOW_MS 1700000000000

static const struct proto_limits proto_test_limits = {
    .json_depth = 32, .array_elements = 10000, .json_values = 200000,
    .top_n = 1000, .history = 1000, .explain = 100, .rating_min = 1, .rating_max = 5, .now_ms = NOW_MS,
    .future_ms = 86400000};

/* The path of outside data, or NULL (and a line that says so). */
static inline const char *proto_test_data(const char *name)
{
    static char path[1024];
    const char *root = getenv("FRESHET_SHARED");
    snprintf(path, sizeof path, "%s/data/%s", root ? root : "../shared", name);
    FILE *there = fopen(path, "r");
    if (there)
        fclose(there);
    else
        printf("SKIPPED: no %s (set FRESHET_SHARED)\n", path);
    return there ? path : NULL;
}

/* A whole file, terminated; the caller frees. */
static inline char *proto_test_read(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    ck_assert_int_ge(size, 0);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    ck_assert_ptr_nonnull(bytes);
    *n = fread(bytes, 1, (size_t)size, file);
    bytes[*n] = '\0';
    fclose(file);
    return bytes;
}

/* A generator that is the same everywhere: splitmix64. */
static inline uint64_t proto_test_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

#define PROTO_TEST_MAIN(name, ...)                                             \
    int main(void)                                                             \
    {                                                                          \
        const TTest *tests[] = {__VA_ARGS__};                                  \
        proto_setup();                                                         \
        return suite_run(name, tests, sizeof tests / sizeof *tests);           \
    }

#endif
