/* check_cli.c -- the pure parts of the commands: URLs, words, progress. */
#include "asserts.h"
#include <math.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/cli/arguments.h"
#include "server/cli/client.h"
#include "server/cli/progress.h"
#include "server/cli/url.h"

/* ---- URLs --------------------------------------------------------------- */

static const struct {
    const char *text, *host, *port, *authority;   /* host NULL: refused */
} urls[] = {
    {"http://127.0.0.1:8470", "127.0.0.1", "8470", "127.0.0.1:8470"},
    {"http://127.0.0.1:8470/", "127.0.0.1", "8470", "127.0.0.1:8470"},
    {"HTTP://host:1", "host", "1", "host:1"},
    {"host:65535", "host", "65535", "host:65535"},
    {"host", "host", "8470", "host:8470"},
    {"http://a-b.example.com", "a-b.example.com", "8470",
     "a-b.example.com:8470"},
    {"http://[::1]:9000", "::1", "9000", "[::1]:9000"},
    {"[fe80::1%eth0]", "fe80::1%eth0", "8470", "[fe80::1%eth0]:8470"},
    {"", NULL, NULL, NULL},
    {"http://", NULL, NULL, NULL},
    {"https://host", NULL, NULL, NULL},
    {"ftp://host", NULL, NULL, NULL},
    {"http://host/v1", NULL, NULL, NULL},
    {"http://host?x", NULL, NULL, NULL},
    {"http://host:", NULL, NULL, NULL},
    {"http://host:0", NULL, NULL, NULL},
    {"http://host:65536", NULL, NULL, NULL},
    {"http://host:8x", NULL, NULL, NULL},
    {"http://host:+80", NULL, NULL, NULL},
    {"http://host:123456", NULL, NULL, NULL},
    {"http://user@host", NULL, NULL, NULL},
    {"http://a b", NULL, NULL, NULL},
    {"http://a\r\nX: y", NULL, NULL, NULL},
    {"http://::1", NULL, NULL, NULL},
    {"http://[::1", NULL, NULL, NULL},
    {"http://[]:80", NULL, NULL, NULL},
    {"http://[::1]80", NULL, NULL, NULL},
    {"http://:80", NULL, NULL, NULL},
};

START_TEST(url)
{
    struct url u;
    char error[256] = "";
    bool ok = url_parse(urls[_i].text, &u, error);
    ck_assert(ok == (urls[_i].host != NULL));
    ck_assert(ok == (error[0] == '\0'));
    if (!ok)
        return;
    ck_assert_str_eq(u.host, urls[_i].host);
    ck_assert_str_eq(u.port, urls[_i].port);
    ck_assert_str_eq(u.authority, urls[_i].authority);
}
END_TEST

START_TEST(url_long)
{
    struct url u;
    char error[256], text[400];
    memset(text, 'h', sizeof text);
    text[255] = '\0';
    ck_assert(url_parse(text, &u, error));
    ck_assert_uint_eq(strlen(u.host), 255);
    ck_assert_uint_eq(strlen(u.authority), 260);
    text[255] = 'h';
    text[256] = '\0';
    ck_assert(!url_parse(text, &u, error));
}
END_TEST

/* ---- words -------------------------------------------------------------- */

static const char *text_value, *file;
static double number_value;
static bool flag_value;
static int choice_value;
static const struct argument list[] = {
    {"text", ARGUMENT_TEXT, &text_value, 0, 0, NULL},
    {"number", ARGUMENT_NUMBER, &number_value, -5, 10, NULL},
    {"flag", ARGUMENT_FLAG, &flag_value, 0, 0, NULL},
    {"choice", ARGUMENT_CHOICE, &choice_value, 0, 0, "one|two|three"},
};

static int take(const char *const *words, const char **where)
{
    int n = 0, quiet = open("/dev/null", O_WRONLY), loud = dup(STDERR_FILENO);
    text_value = file = NULL;
    number_value = -1;
    flag_value = false;
    choice_value = -1;
    while (n < 8 && words[n])
        n++;
    dup2(quiet, STDERR_FILENO);
    int status = arguments_take("test", list, ARGUMENTS_N(list), n, words,
                                where);
    dup2(loud, STDERR_FILENO);
    close(loud);
    close(quiet);
    return status;
}

static const struct {
    const char *words[8];
    int status;
    const char *text, *file;
    double number;
    bool flag;
    int choice;
} given[] = {
    {{NULL}, 0, NULL, NULL, -1, false, -1},
    {{"u.data"}, 0, NULL, "u.data", -1, false, -1},
    {{"-"}, 0, NULL, "-", -1, false, -1},
    {{"--text=a=b", "x", "--flag"}, 0, "a=b", "x", -1, true, -1},
    {{"--text", "--flag", "x"}, 0, "--flag", "x", -1, false, -1},
    {{"--number", "-5"}, 0, NULL, NULL, -5, false, -1},
    {{"--number=1e1", "--choice=three"}, 0, NULL, NULL, 10, false, 2},
    {{"--choice", "one", "--choice", "two"}, 0, NULL, NULL, -1, false, 1},
    {{"a", "b"}, 64, NULL, NULL, 0, false, 0},
    {{"--text"}, 64, NULL, NULL, 0, false, 0},
    {{"--text="}, 64, NULL, NULL, 0, false, 0},
    {{"--tex=1"}, 64, NULL, NULL, 0, false, 0},
    {{"--texts=1"}, 64, NULL, NULL, 0, false, 0},
    {{"-text=1"}, 64, NULL, NULL, 0, false, 0},
    {{"--flag=yes"}, 64, NULL, NULL, 0, false, 0},
    {{"--number=10.5"}, 64, NULL, NULL, 0, false, 0},
    {{"--number=4x"}, 64, NULL, NULL, 0, false, 0},
    {{"--number="}, 64, NULL, NULL, 0, false, 0},
    {{"--number=nan"}, 64, NULL, NULL, 0, false, 0},
    {{"--choice=tw"}, 64, NULL, NULL, 0, false, 0},
    {{"--choice=one|two"}, 64, NULL, NULL, 0, false, 0},
    {{"--choice="}, 64, NULL, NULL, 0, false, 0},
    {{"--"}, 64, NULL, NULL, 0, false, 0},
    {{"-v"}, 64, NULL, NULL, 0, false, 0},
};

START_TEST(words)
{
    ck_assert_int_eq(take(given[_i].words, &file), given[_i].status);
    if (given[_i].status)
        return;
    ck_assert_pstr_eq(text_value, given[_i].text);
    ck_assert_pstr_eq(file, given[_i].file);
    ck_assert_double_eq(number_value, given[_i].number);
    ck_assert(flag_value == given[_i].flag);
    ck_assert_int_eq(choice_value, given[_i].choice);
}
END_TEST

START_TEST(no_file_wanted)
{
    ck_assert_int_eq(take((const char *const[]){"x", NULL}, NULL), 64);
    ck_assert_int_eq(take((const char *const[]){"--flag", NULL}, NULL), 0);
}
END_TEST

/* ---- progress ----------------------------------------------------------- */

static const struct {
    uint64_t events;
    double part, seconds;
    size_t columns;
    const char *text;
} bars[] = {
    {0, 0, 0, 100, "go [........................]   0%  0 events  0/s"},
    {500, 0.5, 10, 100,
     "go [############............]  50%  500 events  50/s  10 s left"},
    {1234567, 1, 2, 100,
     "go [########################] 100%  1,234,567 events  617,284/s"},
    {10, 7, 1, 100, "go [########################] 100%  10 events  10/s"},
    {100, 0.01, 100, 100,
     "go [........................]   1%  100 events  1/s  2.8 h left"},
    {100, 0.001, 100, 100,
     "go [........................]   0%  100 events  1/s  27.8 h left"},
    {100, 0.0001, 1000, 100,
     "go [........................]   0%  100 events  0/s  days left"},
    {100, 0.5, 0.1, 100, // too early to say what is left
     "go [############............]  50%  100 events  1,000/s"},
    {999, -1, 3, 100, "go  999 events  333/s"},
    {500, 0.5, 10, 50, "go [############............]  50%  500 events"},
    {50, 0.02, 60, 100,
     "go [........................]   2%  50 events  1/s  49 min left"},
    {500, 0.5, 10, 45, "go [############............]  50%"},
    {5, 0.5, 10, 20, "go"},
    {500, 0.5, 10, 1, ""},
};

START_TEST(bar)
{
    char out[128];
    memset(out, 'x', sizeof out);
    progress_text(out, bars[_i].columns, "go", bars[_i].events, bars[_i].part,
                  bars[_i].seconds);
    ck_assert_str_eq(out, bars[_i].text);
}
END_TEST

START_TEST(counts)
{
    char out[32];
    ck_assert_str_eq(progress_count(out, 0), "0");
    ck_assert_str_eq(progress_count(out, 999), "999");
    ck_assert_str_eq(progress_count(out, 1000), "1,000");
    ck_assert_str_eq(progress_count(out, 123456), "123,456");
    ck_assert_str_eq(progress_count(out, UINT64_MAX),
                     "18,446,744,073,709,551,615");
}
END_TEST

/* ---- the token ---------------------------------------------------------- */

START_TEST(token)
{
    char path[] = "/tmp/check_cli.XXXXXX", t[CLIENT_TOKEN_MAX], error[256];
    int fd = mkstemp(path);
    unsetenv("FRESHET_AUTH_TOKEN");
    ck_assert(client_token(NULL, t, error));
    ck_assert_str_eq(t, "");
    setenv("FRESHET_AUTH_TOKEN", "of-the-environment", 1);
    ck_assert(client_token(NULL, t, error));
    ck_assert_str_eq(t, "of-the-environment");
    setenv("FRESHET_AUTH_TOKEN", "a\r\nX-Evil: 1", 1);
    ck_assert(client_token(NULL, t, error)); // up to the end of the line
    ck_assert_str_eq(t, "a");
    setenv("FRESHET_AUTH_TOKEN", "two words", 1);
    ck_assert(!client_token(NULL, t, error));
    ck_assert(!client_token(path, t, error)); // empty
    ck_assert_msg(strstr(error, "no token"), "%s", error);
    ck_assert_int_eq(write(fd, "of-the-file\r\nsecond", 19), 19);
    ck_assert(client_token(path, t, error));
    ck_assert_str_eq(t, "of-the-file");
    close(fd);
    unlink(path);
    ck_assert(!client_token(path, t, error));
    ck_assert_msg(strstr(error, "No such file"), "%s", error);
}
END_TEST

#define N(table) ((int)(sizeof table / sizeof *table))

int main(void)
{
    Suite *s = suite_create("cli");
    TCase *t = tcase_create("cli");
    tcase_add_loop_test(t, url, 0, N(urls));
    tcase_add_test(t, url_long);
    tcase_add_loop_test(t, words, 0, N(given));
    tcase_add_test(t, no_file_wanted);
    tcase_add_loop_test(t, bar, 0, N(bars));
    tcase_add_test(t, counts);
    tcase_add_test(t, token);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
