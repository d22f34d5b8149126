/* check_log.c -- one event, one line, whatever is in it. */
#include "asserts.h"
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/log.h"

static int terminal;       /* the real standard error */
static int file;
static char said[1 << 20]; /* all that was logged so far */

static void setup(void)
{
    char name[] = "/tmp/check_log.XXXXXX";
    terminal = dup(STDERR_FILENO);
    file = mkstemp(name);
    ck_assert_int_ge(file, 0);
    unlink(name);
    dup2(file, STDERR_FILENO);
    log_init(LOG_DEBUG, LOG_TEXT);
}

static void teardown(void)
{
    dup2(terminal, STDERR_FILENO);
    close(terminal);
    close(file);
}

/* Everything logged so far; the number of lines. */
static int lines(void)
{
    ssize_t n = pread(file, said, sizeof said - 1, 0);
    int count = 0;
    ck_assert_int_ge(n, 0);
    said[n] = '\0';
    for (ssize_t i = 0; i < n; i++)
        count += said[i] == '\n';
    ck_assert(n == 0 || said[n - 1] == '\n');
    return count;
}

static void forget(void)
{
    ck_assert_int_eq(ftruncate(file, 0), 0);
    lseek(file, 0, SEEK_SET);
}

/* The line behind its time stamp, which is checked. */
static const char *behind_stamp(void)
{
    struct tm tm = {0};
    char zone[8];
    int ms = -1;
    time_t now = time(NULL);
    ck_assert_int_eq(lines(), 1);
    const char *dot = strptime(said, "%Y-%m-%dT%H:%M:%S", &tm);
    ck_assert_ptr_nonnull(dot);
    ck_assert_int_eq(sscanf(dot, ".%3d%1[Z]", &ms, zone), 2);
    ck_assert_int_le(labs((long)(timegm(&tm) - now)), 2);
    ck_assert_int_eq(dot - said, 19);
    ck_assert_int_eq(dot[5], ' ');
    return dot + 6;
}

START_TEST(text)
{
    log_info("listening", LOG_STR("addr", "127.0.0.1:8470"),
             LOG_INT("workers", 2));
    ck_assert_str_eq(behind_stamp(),
                     "INFO  listening addr=127.0.0.1:8470 workers=2\n");
    forget();
    log_error("out_of_memory", LOG_NONE);
    ck_assert_str_eq(behind_stamp(), "ERROR out_of_memory\n");
    forget();
    log_warn("numbers", LOG_INT("least", INT64_MIN),
             LOG_INT("most", INT64_MAX));
    ck_assert_str_eq(behind_stamp(),
                     "WARN  numbers least=-9223372036854775808 "
                     "most=9223372036854775807\n");
    forget();
    log_debug("null", LOG_STR("none", NULL), LOG_STR("empty", ""));
    ck_assert_str_eq(behind_stamp(), "DEBUG null none=\"\" empty=\"\"\n");
}
END_TEST

static const struct {
    const char *value, *shown;
} values[] = {
    {"plain-1.2:3/4", "plain-1.2:3/4"},
    {"two words", "\"two words\""},
    {"a=b", "\"a=b\""},
    {"say \"hi\"", "\"say \\\"hi\\\"\""},
    {"back\\slash", "\"back\\\\slash\""},
    {"new\nline\r\t", "\"new\\u000aline\\u000d\\u0009\""},
    {"\x1b[31mred\x7f", "\"\\u001b[31mred\\u007f\""},
    {"\xc3\xa4 \xf0\x9f\x98\x80", "\"\xc3\xa4 \xf0\x9f\x98\x80\""},
    {"c1 \xc2\x85", "\"c1 \\u0085\""},
    {"bad \xff\xc3", "\"bad \\u00ff\\u00c3\""},
    {"surrogate \xed\xa0\x80", "\"surrogate \\u00ed\\u00a0\\u0080\""},
};

START_TEST(escapes)
{
    char want[128];
    log_info("e", LOG_STR("v", values[_i].value));
    snprintf(want, sizeof want, "INFO  e v=%s\n", values[_i].shown);
    ck_assert_str_eq(behind_stamp(), want);
}
END_TEST

/* In JSON the value that is read back is the value; bytes that are no UTF-8
 * come back as the code points of their numbers. */
START_TEST(json)
{
    json_error_t e;
    log_set(LOG_DEBUG, LOG_JSON);
    log_info("listening", LOG_STR("addr", values[_i].value),
             LOG_INT("workers", 2));
    ck_assert_int_eq(lines(), 1);
    json_t *o = json_loads(said, 0, &e);
    ck_assert_msg(o != NULL, "%s: %s", e.text, said);
    ck_assert_str_eq(json_string_value(json_object_get(o, "event")),
                     "listening");
    ck_assert_str_eq(json_string_value(json_object_get(o, "level")), "info");
    ck_assert_int_eq(json_integer_value(json_object_get(o, "workers")), 2);
    ck_assert_uint_eq(strlen(json_string_value(json_object_get(o, "time"))),
                      strlen("2026-01-02T03:04:05.678Z"));
    const char *v = json_string_value(json_object_get(o, "addr"));
    if (_i < 9)
        ck_assert_str_eq(v, values[_i].value);
    else if (_i == 9)
        ck_assert_str_eq(v, "bad \xc3\xbf\xc3\x83");
    json_decref(o);
}
END_TEST

START_TEST(levels)
{
    for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
        forget();
        log_set(level, LOG_TEXT);
        log_error("e", LOG_NONE);
        log_warn("w", LOG_NONE);
        log_info("i", LOG_NONE);
        log_debug("d", LOG_NONE);
        ck_assert_int_eq(lines(), level + 1);
    }
}
END_TEST

/* However long its values are, a line has an end and is well-formed. */
START_TEST(long_values)
{
    static const char *const fill[] = {"x", "\xff", "\"", "\xc3\xa4"};
    char value[5000] = "";
    json_error_t e;
    log_set(LOG_DEBUG, _i % 2 ? LOG_JSON : LOG_TEXT);
    const char *piece = fill[_i / 2];
    while (strlen(value) + 4 < sizeof value)
        strncat(value, piece, sizeof value - strlen(value) - 1);
    log_info("long", LOG_STR("a", value), LOG_STR("b", value),
             LOG_STR("c", value), LOG_STR("d", value), LOG_STR("e", value),
             LOG_STR("f", value), LOG_STR("g", value), LOG_STR("h", value),
             LOG_STR("i", value));
    ck_assert_int_eq(lines(), 1);
    ck_assert_uint_le(strlen(said), PIPE_BUF);
    ck_assert_msg(strstr(said, "..."), "%s", said);
    if (_i % 2) {
        json_t *o = json_loads(said, 0, &e);
        ck_assert_msg(o != NULL, "%s: %s", e.text, said);
        ck_assert(json_is_true(json_object_get(o, "cut")));
        ck_assert(json_is_string(json_object_get(o, "a")));
        json_decref(o);
    } else {
        ck_assert_msg(strstr(said, " cut=true\n"), "%s", said);
    }
}
END_TEST

START_TEST(limited)
{
    for (int i = 0; i < 1000; i++)
        log_limited(LOG_WARN, "again", LOG_INT("i", i));
    log_limited(LOG_WARN, "another", LOG_NONE);
    log_limited(LOG_DEBUG + 1, "too_low", LOG_NONE);
    ck_assert_int_eq(lines(), 2);
    ck_assert_ptr_nonnull(strstr(said, "again i=0\n"));
    ck_assert_ptr_null(strstr(said, "suppressed"));
    forget();
    nanosleep(&(struct timespec){1, 20000000}, NULL);
    log_limited(LOG_WARN, "again", LOG_INT("i", 7));
    log_limited(LOG_WARN, "again", LOG_INT("i", 8));
    ck_assert_int_eq(lines(), 1);
    ck_assert_ptr_nonnull(strstr(said, "again i=7 suppressed=999\n"));
}
END_TEST

/* More names than are remembered: those beyond share one line a second. */
START_TEST(limited_names)
{
    static char names[LOG_LIMITED_MAX + 50][16];
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < LOG_LIMITED_MAX + 50; i++) {
            snprintf(names[i], sizeof names[i], "n%d", i);
            log_limited(LOG_WARN, names[i], LOG_NONE);
        }
    ck_assert_int_eq(lines(), LOG_LIMITED_MAX + 1);
}
END_TEST

START_TEST(clears_line)
{
    log_clears_line(true);
    log_info("e", LOG_NONE);
    ck_assert_int_eq(lines(), 1);
    ck_assert(strncmp(said, "\r\033[K", 4) == 0);
    log_clears_line(false);
    forget();
    log_info("e", LOG_NONE);
    ck_assert_str_eq(behind_stamp(), "INFO  e\n");
}
END_TEST

#define EACH 500

static void *log_many(void *arg)
{
    for (int i = 0; i < EACH; i++)
        log_info("thread", LOG_STR("name", arg), LOG_INT("i", i));
    return NULL;
}

/* Threads at once, on a pipe-like append: no line is torn or lost. */
START_TEST(threads)
{
    static char names[4][40] = {"one", "two and a half", "three", "four"};
    pthread_t t[4];
    fcntl(STDERR_FILENO, F_SETFL, O_APPEND);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&t[i], NULL, log_many, names[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    ck_assert_int_eq(lines(), 4 * EACH);
    int whole = 0;
    char *at = said;
    for (char *lf = strchr(at, '\n'); lf; at = lf + 1, lf = strchr(at, '\n')) {
        int i = -1, end = 0;
        *lf = '\0';
        char *name = strstr(at, " INFO  thread name=");
        ck_assert_ptr_nonnull(name);
        ck_assert_int_eq(name - at, 24);
        char *number = strstr(at, " i=");
        ck_assert(number && sscanf(number, " i=%d%n", &i, &end) == 1);
        ck_assert_int_eq(number[end], '\0');
        whole += i >= 0 && i < EACH;
    }
    ck_assert_int_eq(whole, 4 * EACH);
}
END_TEST

#define N(table) ((int)(sizeof table / sizeof *table))

int main(void)
{
    Suite *s = suite_create("log");
    TCase *t = tcase_create("log");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, text);
    tcase_add_loop_test(t, escapes, 0, N(values));
    tcase_add_loop_test(t, json, 0, N(values));
    tcase_add_test(t, levels);
    tcase_add_loop_test(t, long_values, 0, 8);
    tcase_add_test(t, limited);
    tcase_add_test(t, limited_names);
    tcase_add_test(t, clears_line);
    tcase_add_test(t, threads);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
