/* check_ratings_set.c -- files of ratings and items on their way into memory:
 * lines, gzip, order, messages. */
#include "asserts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "proto/setup.h"
#include "server/cli/item_names.h"
#include "server/cli/line_reader.h"
#include "server/cli/ratings_set.h"

static const struct proto_limits limits = {
    .json_depth = 32, .array_elements = 100, .json_values = 1000,
    .rating_min = 1, .rating_max = 5, .now_ms = INT64_C(2000000000000),
    .future_ms = 1000};

static char path[64];
static char error[512];

static void setup(void)
{
    proto_setup();
    snprintf(path, sizeof path, "/tmp/check_ratings_set.%d", (int)getpid());
}

static void teardown(void)
{
    unlink(path);
}

static void write_bytes(const void *bytes, size_t n)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void write_text(const char *text)
{
    write_bytes(text, strlen(text));
}

/* ---- lines -------------------------------------------------------------- */

static const struct {
    const char *text, *lines;   /* lines: each in brackets */
} texts[] = {
    {"", ""},
    {"one", "[one]"},
    {"one\n", "[one]"},
    {"one\ntwo\n", "[one][two]"},
    {"one\n\n\ntwo", "[one][][][two]"},
    {"\n", "[]"},
    {"a\r\nb\r\n", "[a\r][b\r]"},
};

static void expect_lines(struct line_reader *r, const char *want)
{
    char got[256] = "";
    const char *line;
    size_t n;
    while (line_reader_next(r, &line, &n))
        snprintf(got + strlen(got), sizeof got - strlen(got), "[%.*s]", (int)n,
                 line);
    ck_assert_str_eq(got, want);
    ck_assert_ptr_null(line_reader_error(r));
    ck_assert(!line_reader_next(r, &line, &n));
}

START_TEST(lines)
{
    write_text(texts[_i].text);
    struct line_reader *r = line_reader_open(path, error);
    ck_assert_msg(r != NULL, "%s", error);
    ck_assert(line_reader_wait(r, -1, 0));
    expect_lines(r, texts[_i].lines);
    if (texts[_i].text[0])
        ck_assert_double_eq(line_reader_part(r), 1);
    line_reader_close(r);
}
END_TEST

/* Standard input, as it comes: a part of a line is not a line yet. */
START_TEST(standard_input)
{
    int p[2];
    const char *line;
    size_t n;
    ck_assert_int_eq(pipe(p), 0);
    dup2(p[0], STDIN_FILENO);
    struct line_reader *r = line_reader_open("-", error);
    ck_assert_double_lt(line_reader_part(r), 0);
    ck_assert(!line_reader_wait(r, -1, 0));
    ck_assert_int_eq(write(p[1], "one\ntw", 6), 6);
    ck_assert(line_reader_wait(r, -1, 1000));
    ck_assert(line_reader_next(r, &line, &n));
    ck_assert(n == 3 && memcmp(line, "one", 3) == 0);
    ck_assert(!line_reader_wait(r, -1, 10)); // "tw" is no line
    ck_assert_int_eq(write(p[1], "o\nthree\n", 8), 8);
    ck_assert(line_reader_wait(r, -1, 1000));
    ck_assert(line_reader_next(r, &line, &n));
    ck_assert(n == 3 && memcmp(line, "two", 3) == 0);
    ck_assert(line_reader_wait(r, -1, 0)); // three is here already
    close(p[1]);
    expect_lines(r, "[three]");
    ck_assert(line_reader_wait(r, -1, 0)); // the end does not wait either
    line_reader_close(r);
}
END_TEST

/* Longer than any block, up to the limit; beyond it an error, not memory. */
START_TEST(long_lines)
{
    size_t sizes[] = {65535, 65536, 65537, 300000, LINE_READER_MAX};
    char *text = malloc(2 * LINE_READER_MAX + 3);
    const char *line;
    size_t n;
    memset(text, 'x', 2 * LINE_READER_MAX + 3);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memcpy(text + sizes[i], "\ny\n", 3);
        write_bytes(text, sizes[i] + 3);
        memset(text + sizes[i], 'x', 3);
        struct line_reader *r = line_reader_open(path, error);
        ck_assert(line_reader_next(r, &line, &n));
        ck_assert_uint_eq(n, sizes[i]);
        expect_lines(r, "[y]");
        line_reader_close(r);
    }
    write_bytes(text, 2 * LINE_READER_MAX);
    struct line_reader *r = line_reader_open(path, error);
    ck_assert(!line_reader_next(r, &line, &n));
    ck_assert_str_eq(line_reader_error(r),
                     "a line is longer than a megabyte");
    ck_assert(!line_reader_next(r, &line, &n));
    line_reader_close(r);
    free(text);
}
END_TEST

START_TEST(no_file)
{
    ck_assert_ptr_null(line_reader_open("/no/such/file", error));
    ck_assert_str_eq(error, "/no/such/file: No such file or directory");
    ck_assert_ptr_null(line_reader_open("/tmp", error));
    ck_assert_str_eq(error, "/tmp: is a directory");
}
END_TEST

/* ---- ratings ------------------------------------------------------------ */

/* The set as "user/item=value@time#event " each; "-" without a time, no "#"
 * without an event; "!teacher" where there is one. */
static void expect_set(const struct ratings_set *s, const char *want)
{
    char got[512] = "";
    for (size_t i = 0; i < s->n; i++) {
        struct rating r = ratings_set_get(s, i);
        char time[32] = "-";
        if (r.time_ms != TIME_UNSET)
            snprintf(time, sizeof time, "%d", (int)(r.time_ms / 1000));
        snprintf(got + strlen(got), sizeof got - strlen(got),
                 "%.*s/%.*s=%g@%s%s%.*s", (int)r.user.len, r.user.s,
                 (int)r.item.len, r.item.s, (double)r.value, time,
                 r.event_id.len ? "#" : "", (int)r.event_id.len,
                 r.event_id.s);
        if (r.has_teacher)
            snprintf(got + strlen(got), sizeof got - strlen(got), "!%g",
                     (double)r.teacher);
        strncat(got, " ", sizeof got - strlen(got) - 1);
    }
    ck_assert_str_eq(got, want);
}

static const struct {
    const char *text;
    uint64_t limit;
    const char *loaded, *sorted;
    size_t untimed;
} sets[] = {
    {"u\ti\t3\t30\nv\tj\t4\t10\nw\tk\t5\t20\n", 0,
     "u/i=3@30 v/j=4@10 w/k=5@20 ", "v/j=4@10 w/k=5@20 u/i=3@30 ", 0},
    {"u\ti\t3\t30\nv\tj\t4\t10\nw\tk\t5\t20\n", 2, "u/i=3@30 v/j=4@10 ",
     "v/j=4@10 u/i=3@30 ", 0},
    // equal times stay in the order of the file
    {"c\ti\t3\t7\na\ti\t3\t7\nb\ti\t3\t7\nd\ti\t3\t6\n", 0,
     "c/i=3@7 a/i=3@7 b/i=3@7 d/i=3@6 ", "d/i=3@6 c/i=3@7 a/i=3@7 b/i=3@7 ",
     0},
    // without times nothing moves
    {"user,item,rating\nc,i,3\na,i,4\nb,i,5\n", 0, "c/i=3@- a/i=4@- b/i=5@- ",
     "c/i=3@- a/i=4@- b/i=5@- ", 3},
    // some without: behind the one before them, the first ones first
    {"user,item,rating,time\nz,i,3,\na,i,3,9\nb,i,3,\nc,i,3,5\nd,i,3,\n", 0,
     "z/i=3@- a/i=3@9 b/i=3@- c/i=3@5 d/i=3@- ",
     "z/i=3@- c/i=3@5 d/i=3@- a/i=3@9 b/i=3@- ", 3},
    // and what a teacher says
    {"{\"user_id\":1,\"item_id\":2,\"rating\":3,\"teacher_rating\":2.5}\n"
     "{\"user_id\":1,\"item_id\":3,\"rating\":4}\n", 0,
     "1/2=3@-!2.5 1/3=4@- ", "1/2=3@-!2.5 1/3=4@- ", 2},
    // event ids stay with their events
    {"{\"user_id\":1,\"item_id\":2,\"rating\":3,\"timestamp\":9,"
     "\"event_id\":\"b\"}\n{\"user_id\":1,\"item_id\":2,\"rating\":4,"
     "\"timestamp\":8}\n{\"user_id\":1,\"item_id\":2,\"rating\":5,"
     "\"timestamp\":7,\"event_id\":\"a7\"}\n", 0,
     "1/2=3@9#b 1/2=4@8 1/2=5@7#a7 ", "1/2=5@7#a7 1/2=4@8 1/2=3@9#b ", 0},
};

START_TEST(load_and_sort)
{
    struct ratings_set s = {0};
    write_text(sets[_i].text);
    ck_assert_msg(ratings_set_load(&s, path, &limits, sets[_i].limit, error),
                  "%s", error);
    expect_set(&s, sets[_i].loaded);
    ratings_set_sort(&s);
    expect_set(&s, sets[_i].sorted);
    ck_assert_uint_eq(s.untimed, sets[_i].untimed);
    ratings_set_release(&s);
    ck_assert_uint_eq(s.n, 0);
}
END_TEST

static const struct {
    const char *text, *says;
} wrong[] = {
    {"", ": there is no rating in it"},
    {"# nothing\n\n", ": there is no rating in it"},
    {"user,item,rating\n", ": there is no rating in it"},
    {"u\ti\t3\nu\ti\t9\n", ", line 2: rating 9 is not in 1..5 "
                           "(model.rating_min, model.rating_max)"},
    {"u\ti\t3\n\n#\nu\ti\tx\n", ", line 4: rating \"x\" is not a number"},
    {"user,item,rating\nu,i\n", ", line 2: "},
    {"{\"user_id\":1,\"item_id\":2,\"rating\":3}\n{}\n", ", line 2: user_id"},
    {"hello world\n", ", line 1: the first line is none of"},
};

START_TEST(refused)
{
    struct ratings_set s = {0};
    write_text(wrong[_i].text);
    ck_assert(!ratings_set_load(&s, path, &limits, 0, error));
    ck_assert_msg(strncmp(error, path, strlen(path)) == 0, "%s", error);
    ck_assert_msg(strstr(error, wrong[_i].says) != NULL, "%s", error);
    ratings_set_release(&s);
}
END_TEST

/* Enough for several growths, gzipped; then cut short, then damaged. */
START_TEST(gzipped)
{
    static char bytes[1 << 20];
    struct ratings_set s = {0}, none = {0};
    gzFile gz = gzopen(path, "wb");
    for (int i = 0; i < 20000; i++)
        gzprintf(gz, "user-%d\titem-%d\t%d\t%d\n", i, i * 7 % 1000, i % 5 + 1,
                 20000 - i);
    gzclose(gz);
    ck_assert_msg(ratings_set_load(&s, path, &limits, 0, error), "%s", error);
    ck_assert_uint_eq(s.n, 20000);
    ratings_set_sort(&s);
    struct rating r = ratings_set_get(&s, 0);
    ck_assert(r.user.len == 10 && memcmp(r.user.s, "user-19999", 10) == 0);
    ratings_set_release(&s);
    FILE *f = fopen(path, "r");
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    write_bytes(bytes, n - 2000);
    ck_assert(!ratings_set_load(&none, path, &limits, 0, error));
    ck_assert_msg(strstr(error, "the gzip data ends too early"), "%s", error);
    ratings_set_release(&none);
    bytes[n / 2] ^= 0x55;
    write_bytes(bytes, n);
    ck_assert(!ratings_set_load(&none, path, &limits, 0, error));
    ratings_set_release(&none);
}
END_TEST

/* ---- items -------------------------------------------------------------- */

START_TEST(item_titles)
{
    struct item_names names = {0};
    write_text("movieId,title,genres\n10,\"Ten, the\",Drama\n2,Two,\n1,,X\n");
    ck_assert_msg(item_names_load(&names, path, error), "%s", error);
    ck_assert_uint_eq(names.n, 3);
    ck_assert_str_eq(item_names_find(&names, (struct id){"10", 2}),
                     "Ten, the");
    ck_assert_str_eq(item_names_find(&names, (struct id){"2xxx", 1}), "Two");
    ck_assert_str_eq(item_names_find(&names, (struct id){"1", 1}), "");
    ck_assert_ptr_null(item_names_find(&names, (struct id){"3", 1}));
    ck_assert_ptr_null(item_names_find(&names, (struct id){"", 0}));
    item_names_release(&names);
    write_text("title,genres\nx,y\n");
    ck_assert(!item_names_load(&names, path, error));
    ck_assert_msg(strstr(error, ", line 1: "), "%s", error);
    item_names_release(&names);
}
END_TEST

#define N(table) ((int)(sizeof table / sizeof *table))

int main(void)
{
    Suite *s = suite_create("ratings_set");
    TCase *t = tcase_create("ratings_set");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, lines, 0, N(texts));
    tcase_add_test(t, standard_input);
    tcase_add_test(t, long_lines);
    tcase_add_test(t, no_file);
    tcase_add_loop_test(t, load_and_sort, 0, N(sets));
    tcase_add_loop_test(t, refused, 0, N(wrong));
    tcase_add_test(t, gzipped);
    tcase_add_test(t, item_titles);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
