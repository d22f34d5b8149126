/* check_ratings_scan.c -- the short cut for plain ratings against the tree. */
#include "proto_test.h"

#include "proto/ratings.h"
#include "proto/ratings_scan.h"

/* What came of one parse, comparable byte by byte. */
struct outcome {
    bool ok;
    int ratings;
    char user[ID_BYTES_MAX + 1], item[ID_BYTES_MAX + 1];
    char event[ID_BYTES_MAX + 1];
    uint32_t lens[3];
    float value, teacher;
    bool has_teacher;
    int64_t time_ms;
    enum fail_code code;
    int64_t index;
    char message[240];
};

static bool keep(void *arg, const struct rating *r, struct fail *f)
{
    struct outcome *o = arg;
    (void)f;
    o->ratings++;
    memcpy(o->user, r->user.s, r->user.len);
    memcpy(o->item, r->item.s, r->item.len);
    if (r->event_id.len)
        memcpy(o->event, r->event_id.s, r->event_id.len);
    o->lens[0] = r->user.len;
    o->lens[1] = r->item.len;
    o->lens[2] = r->event_id.len;
    memcpy(&o->value, &r->value, sizeof o->value);
    memcpy(&o->teacher, &r->teacher, sizeof o->teacher);
    o->has_teacher = r->has_teacher;
    o->time_ms = r->time_ms;
    return true;
}

typedef bool (*parser)(const char *bytes, size_t n,
                       const struct proto_limits *limits, ratings_sink sink,
                       void *arg, struct fail *f);

static void parse(parser how, const char *s, size_t n, struct outcome *o)
{
    struct fail f = {.code = FAIL_NONE};
    memset(o, 0, sizeof *o);
    o->ok = how(s, n, &proto_test_limits, keep, o, &f);
    if (o->ok)
        return;
    o->code = f.code;
    o->index = f.index;
    snprintf(o->message, sizeof o->message, "%s", f.message);
}

/* True: the short cut takes it (and all three ways agree). */
static bool compare(const char *s, size_t n)
{
    struct outcome tree, line, document;
    struct ratings_plain plain;
    char *copy = malloc(n + (n == 0)); // its own, so that ASan sees its end
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, s, n);
    bool taken = ratings_scan(copy, n, &plain);
    if (taken) {
        parse(ratings_parse_tree, copy, n, &tree);
        parse(ratings_parse_line, copy, n, &line);
        parse(ratings_parse, copy, n, &document);
        ck_assert_msg(memcmp(&line, &tree, sizeof tree) == 0 &&
                      memcmp(&document, &tree, sizeof tree) == 0,
                      "%.*s: %s, by the tree: %s", (int)n, s, line.message,
                      tree.message);
    }
    free(copy);
    return taken;
}

/* Every form that is meant to be taken. */
static const char *const plain[] = {
    "{\"user_id\":\"u1\",\"item_id\":\"i22\",\"rating\":4}",
    "{\"user_id\":\"12345678\",\"item_id\":\"1234567\",\"rating\":4.5,"
    "\"timestamp\":1700000000}",
    " {\"item_id\" : \"~ /\" ,\t\"rating\": 1.0 , \"user_id\":\"' '\" }\r\n",
    "{\"timestamp\":1699999999.123,\"rating\":3,\"event_id\":\"e-1\","
    "\"user_id\":\"a\",\"item_id\":\"b\"}",
    "{\"user_id\":0,\"item_id\":907,\"event_id\":123456789012345678,"
    "\"rating\":2.25,\"timestamp\":0.0005}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":5,"
    "\"timestamp\":1699999999.1234567}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"teacher_rating\":3.75,\"rating\":5}",
    // refused, but not for what they look like
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4,\"teacher_rating\":7}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":6}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4,"
    "\"timestamp\":1700000000000}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":9,"
    "\"timestamp\":1700000000000}",
};

/* Right or wrong, these are the tree's. */
static const char *const others[] = {
    "", "{", "{}", "[]", "\"\"", "{\"user_id\":\"a\",\"item_id\":\"b\"}",
    "{\"user_id\":\"a\",\"rating\":4}", "{\"item_id\":\"a\",\"rating\":4}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4,}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4}}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4}{",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4,\"rating\":4}",
    "{\"user_id\":\"a\",\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4,\"x\":4}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4,\"teacher_ratinG\":4}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4,\"teacher_rating\":\"4\"}",
    "{\"user_id\":\"\",\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4,\"event_id\":\"\"}",
    "{\"user_id\":\"\\u0061\",\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":\"\xc3\xa9\",\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":\"a\x7f\",\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":-1,\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":-0,\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":01,\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":1.0,\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":1e3,\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":1234567890123456789,\"item_id\":\"b\",\"rating\":4}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":-0.0}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":+4}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":04}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4.}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":.4}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4e0}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4x}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":\"4\"}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":true}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":9007199254740993}",
    "{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":99999999999999999999}",
    "{\"user_id\":0,\"item_id\":0,\"rating\":4.000000000000000000000000000001}",
    "[{\"user_id\":\"a\",\"item_id\":\"b\",\"rating\":4}]",
};
#define N(list) (sizeof(list) / sizeof *(list))

START_TEST(what_is_plain)
{
    for (size_t i = 0; i < N(plain); i++)
        ck_assert_msg(compare(plain[i], strlen(plain[i])), "%s", plain[i]);
    for (size_t i = 0; i < N(others); i++)
        ck_assert_msg(!compare(others[i], strlen(others[i])), "%s", others[i]);
}
END_TEST

/* Whatever one byte is changed to, put in or left out. */
START_TEST(the_short_cut_is_no_other_language)
{
    char text[300];
    int taken = 0;
    for (size_t i = 0; i < N(plain); i++) {
        const char *s = plain[i];
        size_t n = strlen(s);
        for (size_t at = 0; at < n; at++) {
            memcpy(text, s, at);
            memcpy(text + at, s + at + 1, n - at - 1);
            taken += compare(text, n - 1);
            memcpy(text + at + 1, s + at, n - at);
            for (int c = 0; c < 256; c++) {
                text[at] = (char)c;
                taken += compare(text, n + 1);
            }
            memcpy(text, s, n);
            for (int c = 0; c < 256; c++) {
                text[at] = (char)c;
                taken += compare(text, n);
            }
        }
        for (size_t cut = 0; cut + 2 < n; cut++)
            ck_assert(!compare(s, cut));
    }
    ck_assert_int_gt(taken, 10000); // an id's bytes, a number's, blanks
    ck_assert(!ratings_scan(NULL, 0, &(struct ratings_plain){0}));
}
END_TEST

/* Ids of every length up to the end of the line, at every place in a word. */
START_TEST(ids_of_any_length)
{
    char text[900], id[300];
    memset(id, 'x', sizeof id);
    for (int n = 1; n <= ID_BYTES_MAX + 8; n++) {
        int len = snprintf(text, sizeof text, "{\"user_id\":\"%.*s\","
                           "\"rating\":4,\"item_id\":\"%.*s\"}", n, id, n, id);
        ck_assert_int_eq(compare(text, (size_t)len), n <= ID_BYTES_MAX);
        for (int c = 1; c < 256 && n < 40; c++) {
            char *at = text + 12 + n - 1; // the user's last byte
            *at = (char)c;
            bool printable = c >= ' ' && c <= '~' && c != '"' && c != '\\';
            ck_assert_int_eq(compare(text, (size_t)len), printable);
            *at = 'x';
        }
    }
}
END_TEST

/* ---- numbers ------------------------------------------------------------ */

/* The double that the scan makes of a number, against strtod's. */
static bool same_double(const char *number)
{
    static const char before[] = "{\"user_id\":1,\"item_id\":2,\"rating\":";
    char text[400];
    struct ratings_plain got;
    int n = snprintf(text, sizeof text, "%s%s}", before, number);
    if (!ratings_scan(text, (size_t)n, &got))
        return false;
    double want = strtod(number, NULL);
    ck_assert_msg(memcmp(&want, &got.rating, sizeof want) == 0,
                  "%s: %.17g, not %.17g", number, got.rating, want);
    return true;
}

START_TEST(numbers)
{
    static const char *const taken[] = {
        "0", "0.0", "0.1", "4.35", "2.675", "1.15", "9007199254740992",
        "9007199254740991", "900719925474099.3", "0.9007199254740993",
        "123456789012345678.5", "0.00000000000000000000000000001",
        "0.30000000000000004", "1.7976931348623157", "99999999999999.99",
        "17976931348623157.0000000000000"};
    static const char *const left[] = {
        "9007199254740993", "999999999999999999", "1e5", "1.5E3", "-1", "00",
        "00.5", "1.", ".5", "", "0x10", "1_0",
        "0.000000000000000000000000000001"};
    for (size_t i = 0; i < N(taken); i++)
        ck_assert_msg(same_double(taken[i]), "%s", taken[i]);
    for (size_t i = 0; i < N(left); i++)
        ck_assert_msg(!same_double(left[i]), "%s", left[i]);
}
END_TEST

START_TEST(random_numbers)
{
    uint64_t state = 11;
    for (int i = 0; i < 300000; i++) {
        char number[64];
        int whole = (int)(proto_test_random(&state) % 14);
        int after = (int)(proto_test_random(&state) % 16);
        uint64_t a = proto_test_random(&state), b = proto_test_random(&state);
        for (int k = whole; k < 19; k++)
            a /= 10;
        int n = snprintf(number, sizeof number, "%llu", (unsigned long long)a);
        if (after) {
            snprintf(number + n, 24, ".%020llu", (unsigned long long)b);
            number[n + 1 + after] = '\0';
        }
        ck_assert_msg(same_double(number), "%s", number);
    }
}
END_TEST

PROTO_TEST_MAIN("ratings_scan", what_is_plain,
                the_short_cut_is_no_other_language, ids_of_any_length, numbers,
                random_numbers)
