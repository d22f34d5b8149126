/* config_test.h -- shared by check_config*.c: load from words, in peace. */
#ifndef FRESHET_TESTS_UNIT_CONFIG_TEST_H
#define FRESHET_TESTS_UNIT_CONFIG_TEST_H

#include "asserts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/config_internal.h"

#define WORDS_MAX 8

static struct config cfg;
static char error[CONFIG_ERROR_MAX];
static const char *rest[WORDS_MAX];
static int nrest;
static char path[64];

/* Each test runs in a process of its own: the environment is free to use. */
static void setup(void)
{
    extern char **environ;
    for (char **e = environ; *e;) {
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*e, "="), *e);
        if (strncmp(name, "FRESHET_", 8) == 0) {
            unsetenv(name);
            e = environ;
        } else {
            e++;
        }
    }
    snprintf(path, sizeof path, "/tmp/check_config.%d.json", (int)getpid());
}

static void teardown(void)
{
    unlink(path);
}

static void write_file(const char *text, size_t n)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(text, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

/* Loads words separated by single blanks. */
static bool load(const char *words)
{
    static char copy[CONFIG_STR_MAX * 2];
    char *args[WORDS_MAX], *at = NULL;
    int n = 0;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *w = strtok_r(copy, " ", &at); w; w = strtok_r(NULL, " ", &at)) {
        ck_assert_int_lt(n, WORDS_MAX);
        args[n++] = w;
    }
    error[0] = '\0';
    bool ok = config_load(&cfg, n, args, rest, &nrest, error);
    ck_assert(ok == (error[0] == '\0'));
    ck_assert_ptr_null(strchr(error, '\n'));
    return ok;
}

#define N(table) ((int)(sizeof table / sizeof *table))

static int run(TCase *t, const char *name)
{
    Suite *s = suite_create(name);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

#endif
