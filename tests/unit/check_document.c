/* check_document.c -- what is JSON, what of it is refused, and whose memory it
 * is. */
#include "proto_test.h"

#include <pthread.h>

#include "proto/arena.h"
#include "proto/buf.h"
#include "proto/document.h"
#include "proto/id.h"
#include "proto/ratings.h"

static const json_t *parse(const char *s, struct fail *f)
{
    f->code = FAIL_NONE;
    return document_parse(s, strlen(s), &proto_test_limits, f);
}

static const struct {
    const char *json;
    const char *message;     /* a part of it; NULL: parses */
} documents[] = {
    {"{}", NULL},
    {"[]", NULL},
    {" \t\r\n{\"a\":[1,2.5,\"x\",null,true,false,{}]}\n", NULL},
    {"", "no JSON"},
    {"  ", "'[' or '{' expected near end of file"},
    {"1", "'[' or '{' expected near '1'"},
    {"\"text\"", "'[' or '{' expected"},
    {"null", "'[' or '{' expected"},
    {"{\"a\":1}x", "end of file expected near 'x'"},
    {"{\"a\":1}{}", "end of file expected"},
    {"{\"a\":1,}", "string or '}' expected"},
    {"{\n \"a\": nope}", "line 2, column 10: invalid token near 'nope'"},
    {"{\"a\":1,\"a\":1}", "duplicate object key near '\"a\"'"},
    {"{\"a\":\"\\u0000\"}", "\\u0000 is not allowed"},
    {"{\"\\u0000\":1}", "\\u0000"},
    {"{\"a\":NaN}", "invalid token near 'NaN'"},
    {"{\"a\":-Infinity}", "invalid token"},
    {"{\"a\":1e400}", "real number overflow near '1e400'"},
    {"{\"a\":9223372036854775807}", NULL},
    {"{\"a\":9223372036854775808}", "too big integer"},
    {"{\"a\":1e-400}", NULL},
    {"{\"a\":01}", "invalid token"},
    {"{\"a\":\"\xe9\"}", "unable to decode byte 0xe9"},
    {"{\"a\":\"\\ud800\"}", "invalid Unicode"},
    {"{\"a\":\"\x01\"}", "control character 0x1"},
    {"\xef\xbb\xbf{}", "'[' or '{' expected near '\xef"},
    {"{'a':1}", "string or '}' expected"},
    {"// a comment\n{}", "'[' or '{' expected near '/'"},
};

START_TEST(grammar)
{
    struct fail f;
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        const json_t *root = parse(documents[i].json, &f);
        if (!documents[i].message) {
            ck_assert_msg(root != NULL, "%s: %s", documents[i].json, f.message);
            continue;
        }
        ck_assert_msg(!root && f.code == FAIL_invalid_json, "case %zu", i);
        if (i + 3 != sizeof documents / sizeof *documents) // the BOM, escaped
            ck_assert_msg(strstr(f.message, documents[i].message) != NULL,
                          "%s: %s", documents[i].json, f.message);
        ck_assert_ptr_null(strchr(f.message, '\n'));
    }
}
END_TEST

START_TEST(raw_nul_is_refused)
{
    struct fail f;
    static const char *const texts[] = {"{}\0", "{\0}", "{\"a\0\":1}",
                                        "{\"a\":\"\0\"}", "\0{}"};
    static const size_t lengths[] = {3, 3, 8, 9, 3};
    for (size_t i = 0; i < 5; i++) {
        ck_assert_ptr_null(document_parse(texts[i], lengths[i],
                                          &proto_test_limits, &f));
        ck_assert_int_eq(f.code, FAIL_invalid_json);
    }
}
END_TEST

static const struct {
    const char *json, *id;   /* of the first element; NULL: refused */
    enum fail_code code;
} ids[] = {
    {"[\"u1\"]", "u1", FAIL_NONE},
    {"[7]", "7", FAIL_NONE},
    {"[-0]", "0", FAIL_NONE},
    {"[-9223372036854775808]", "-9223372036854775808", FAIL_NONE},
    {"[9007199254740993]", "9007199254740993", FAIL_NONE},
    {"[\"\\ud83c\\udfac\"]", "\xf0\x9f\x8e\xac", FAIL_NONE},
    {"[\"a/b ..?#%\"]", "a/b ..?#%", FAIL_NONE},
    {"[1.0]", NULL, FAIL_invalid_type},
    {"[null]", NULL, FAIL_invalid_type},
    {"[true]", NULL, FAIL_invalid_type},
    {"[{}]", NULL, FAIL_invalid_type},
    {"[[]]", NULL, FAIL_invalid_type},
    {"[]", NULL, FAIL_missing_field},
    {"[\"\"]", NULL, FAIL_invalid_id},
    {"[\"a\\nb\"]", NULL, FAIL_invalid_id},
    {"[\"\\u0085\"]", NULL, FAIL_invalid_id},
};

START_TEST(ids_from_values)
{
    struct fail f;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char scratch[24];
        struct id id = {0}, kept = {0};
        const json_t *v = json_array_get(parse(ids[i].json, &f), 0);
        bool ok = document_id(v, "item_id", scratch, &id, &f);
        ck_assert_msg(ok == (ids[i].id != NULL), "%s", ids[i].json);
        ck_assert_int_eq(ok, document_id_keep(v, "item_id", &kept, &f));
        if (!ok) {
            ck_assert_int_eq(f.code, ids[i].code);
            ck_assert_ptr_nonnull(strstr(f.message, "item_id"));
            continue;
        }
        ck_assert_uint_eq(id.len, strlen(ids[i].id));
        ck_assert_int_eq(memcmp(id.s, ids[i].id, id.len), 0);
        ck_assert_uint_eq(kept.len, id.len);
        ck_assert_int_eq(memcmp(kept.s, id.s, id.len), 0);
    }
}
END_TEST

/* ---- memory ------------------------------------------------------------- */

/* An array of n objects with n distinct keys. */
static char *big_document(int n)
{
    char *s = malloc((size_t)n * 32 + 3), *p = s;
    ck_assert_ptr_nonnull(s);
    *p++ = '[';
    for (int i = 0; i < n; i++)
        p += snprintf(p, 32, "%s{\"k%d\":\"v%d\"}", i ? "," : "", i, i);
    memcpy(p, "]", 2);
    return s;
}

START_TEST(large_documents_give_their_memory_back)
{
    struct fail f;
    char *s = big_document(10000);
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_nonnull(parse(s, &f));
        ck_assert_uint_gt(arena_held(), 1000000);
        document_reset();
        ck_assert_uint_le(arena_held(), ARENA_KEEP);
    }
    s[strlen(s) - 1] = '}'; // fails at the very end
    ck_assert_ptr_null(parse(s, &f));
    ck_assert_uint_le(arena_held(), ARENA_KEEP);
    free(s);
}
END_TEST

START_TEST(a_growing_string_leaves_no_copies)
{
    size_t n = 4 << 20;
    struct fail f;
    char *s = malloc(n + 5);
    ck_assert_ptr_nonnull(s);
    memset(s, 'x', n + 4);
    memcpy(s, "[\"", 2);
    memcpy(s + n + 2, "\"]", 3);
    const json_t *root = parse(s, &f);
    ck_assert_uint_eq(json_string_length(json_array_get(root, 0)), n);
    ck_assert_uint_lt(arena_held(), 4 * n);
    free(s);
}
END_TEST

START_TEST(small_documents_cost_no_new_memory)
{
    struct fail f;
    ck_assert_ptr_nonnull(parse("{\"user_id\":\"u\"}", &f));
    size_t held = arena_held();
    for (int i = 0; i < 10000; i++)
        ck_assert_ptr_nonnull(parse("{\"user_id\":\"u\"}", &f));
    ck_assert_uint_eq(arena_held(), held);
}
END_TEST

START_TEST(memory_from_elsewhere_is_left_alone)
{
    struct fail f;
    json_t *own = json_pack("{s:[i,s]}", "mine", 1, "text");
    ck_assert_ptr_nonnull(own);
    for (int i = 0; i < 3; i++) {
        char *s = big_document(1000);
        ck_assert_ptr_nonnull(parse(s, &f));
        document_reset();
        free(s);
    }
    const json_t *root = parse("{\"mine\":[1,\"text\"]}", &f);
    ck_assert(json_equal(own, root));
    json_decref(own);
    ck_assert_ptr_nonnull(json_object_get(root, "mine"));
}
END_TEST

static void *parse_in_thread(void *arg)
{
    struct fail f;
    const char *s = arg;
    for (int i = 0; i < 20; i++)
        if (!parse(s, &f) || !parse("{\"a\":1}", &f))
            return NULL;
    return arg;
}

START_TEST(each_thread_has_its_own)
{
    pthread_t threads[4];
    char *s = big_document(2000);
    void *same = NULL;
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, parse_in_thread, s),
                         0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &same);
        ck_assert_ptr_eq(same, s);
    }
    free(s);
}
END_TEST

/* ---- outside data ------------------------------------------------------- */

static bool never(void *arg, const struct rating *r, struct fail *f)
{
    (void)arg;
    (void)r;
    (void)f;
    ck_abort_msg("a rating in the test suite");
    return false;
}

/* y_ files that are refused on purpose: scalars, \u0000, duplicate keys. */
static bool refused_on_purpose(const char *name, const char *bytes)
{
    bytes += strspn(bytes, " \t\r\n");
    return (*bytes != '[' && *bytes != '{') ||
           strstr(name, "duplicated_key") ||
           strcmp(name, "y_string_null_escape.json") == 0 ||
           strcmp(name, "y_object_escaped_null_in_key.json") == 0;
}

static void check_suite_file(const char *dir, const char *name, int counts[3])
{
    char path[2048];
    size_t n;
    struct fail f = {.code = FAIL_NONE};
    snprintf(path, sizeof path, "%s/%s", dir, name);
    char *bytes = proto_test_read(path, &n);
    bool ok = document_parse(bytes, n, &proto_test_limits, &f) != NULL;
    if (!ok)
        ck_assert_msg(fail_status(f.code) == 400, "%s: %s", name, f.message);
    if (name[0] == 'n')
        ck_assert_msg(!ok, "%s parses", name);
    if (name[0] == 'y')
        ck_assert_msg(ok != refused_on_purpose(name, bytes), "%s", name);
    counts[name[0] == 'n' ? 0 : name[0] == 'y' ? 1 : 2]++;
    ck_assert(!ratings_parse_line(bytes, n, &proto_test_limits, never, NULL,
                                  &f));
    ck_assert(!ratings_parse(bytes, n, &proto_test_limits, never, NULL, &f));
    char *at = NULL;
    for (char *line = strtok_r(bytes, "\n", &at); line;
         line = strtok_r(NULL, "\n", &at))
        ck_assert(!ratings_parse_line(line, strlen(line), &proto_test_limits,
                                      never, NULL, &f));
    free(bytes);
}

START_TEST(json_test_suite)
{
    const char *dir = proto_test_data("json-test-suite/test_parsing");
    int counts[3] = {0};
    if (!dir)
        return;
    DIR *d = opendir(dir);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        if (e->d_name[0] != '.')
            check_suite_file(dir, e->d_name, counts);
    closedir(d);
    ck_assert_int_eq(counts[0], 188);
    ck_assert_int_eq(counts[1], 95);
    ck_assert_int_eq(counts[2], 35);
}
END_TEST

START_TEST(naughty_strings)
{
    const char *path = proto_test_data("naughty-strings/blns.json");
    struct buf b = {0};
    struct fail f;
    size_t nvalid = 0;
    if (!path)
        return;
    json_t *list = json_load_file(path, 0, NULL);
    ck_assert_uint_eq(json_array_size(list), 515);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        size_t n = json_string_length(json_array_get(list, i));
        char scratch[24];
        struct id id;
        buf_clear(&b);
        buf_putc(&b, '[');
        buf_json_string(&b, s, n);
        buf_putc(&b, ']');
        const json_t *v = json_array_get(
            document_parse(b.p, b.len, &proto_test_limits, &f), 0);
        ck_assert_msg(v != NULL, "%zu: %s", i, f.message);
        ck_assert_uint_eq(json_string_length(v), n);
        ck_assert_int_eq(memcmp(json_string_value(v), s, n), 0);
        bool ok = document_id(v, "user_id", scratch, &id, &f);
        ck_assert_int_eq(ok, id_valid(s, n));
        nvalid += ok;
    }
    ck_assert_uint_gt(nvalid, 480);
    json_decref(list);
    buf_release(&b);
}
END_TEST

PROTO_TEST_MAIN("document", grammar, raw_nul_is_refused, ids_from_values,
                large_documents_give_their_memory_back,
                a_growing_string_leaves_no_copies,
                small_documents_cost_no_new_memory,
                memory_from_elsewhere_is_left_alone, each_thread_has_its_own,
                json_test_suite, naughty_strings)
