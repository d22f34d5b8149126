/* check_item_file.c -- files that name items, in the forms people have. */
#include "proto_test.h"

#include "proto/item_file.h"
#include "proto/utf8.h"

#define FLAGS "|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0"

/* Lines up to NULL; `out` is what they say, one "id/title/categories" or
 * "!code line" after the other, "; " between. */
static const struct {
    const char *lines[6];
    const char *out;
} files[] = {
    {{"1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/" FLAGS,
      "2|L\xe9on|||u|1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|1\r", "", "3|x|||",
      "|x|||"},
     "1/Toy Story (1995)/Animation|Children's|Comedy; "
     "2/L\xc3\xa9on/unknown|Western; 3/x/; !invalid_id 5"},
    {{"movieId,title,genres", "1,\"Story, Toy (1995)\",Adventure|Comedy",
      "2,L\xc3\xa9on,(no genres listed)", "3", "4,\"\"\"Q\"\"\""},
     "1/Story, Toy (1995)/Adventure|Comedy; 2/L\xc3\xa9on/; 3//; 4/\"Q\"/"},
    {{"\xef\xbb\xbfItem ID\tName", "a\tb", "a\t\"b"},
     "a/b/; !missing_field 3"},
    {{"category;item", "x|y;1"}, "1//x|y"},
    {{"0002844::Fant\xc3\xb4mas (1913)::Crime|Drama", "5::B\xe2t", "6", "::x"},
     "0002844/Fant\xc3\xb4mas (1913)/Crime|Drama; 5/B\xc3\xa2t/; 6//; "
     "!invalid_id 4"},
    {{"{\"item_id\":7,\"title\":\"T\",\"categories\":[\"a\",\"b\"],\"year\":1}",
      "{\"item_id\":\"x\"}", "{\"title\":\"T\"}",
      "{\"item_id\":1,\"title\":2}", "{\"item_id\":1,\"categories\":[1]}",
      "{\"item_id\":1,\"categories\":\"a\"}"},
     "7/T/a|b; x//; !missing_field 3; !invalid_type 4; !invalid_type 5; "
     "!invalid_type 6"},
    {{"title,genres", "movie,title", "1,2"}, "!missing_field 1; 1/2/"},
    {{"1|Toy|||u|0|2|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0"}, "!missing_field 1"},
    {{"no header", "1::T"}, "!missing_field 1; 1/T/"},
    {{"# comment", "item", "1", "[]"}, "1//; []//"},
    {{"{\"item_id\":1}", "[]", "{"}, "1//; !invalid_type 2; !invalid_json 3"},
};

START_TEST(forms)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char out[1024] = "";
        struct item_file f;
        item_file_init(&f, &proto_test_limits);
        for (size_t k = 0; k < 6 && files[i].lines[k]; k++) {
            const char *s = files[i].lines[k];
            struct item_line l;
            struct fail fail;
            bool has;
            size_t n = strlen(out);
            bool ok = item_file_line(&f, s, strlen(s), &l, &has, &fail);
            ck_assert(ok || !has);
            if (n && (has || !ok))
                n += (size_t)snprintf(out + n, sizeof out - n, "; ");
            if (has)
                snprintf(out + n, sizeof out - n, "%.*s/%s/%s",
                         (int)l.item.len, l.item.s, l.title, l.categories);
            if (!ok)
                snprintf(out + n, sizeof out - n, "!%s %lld",
                         fail_name(fail.code), (long long)fail.index);
        }
        ck_assert_str_eq(out, files[i].out);
    }
}
END_TEST

START_TEST(long_texts_are_cut_between_characters)
{
    static const char *const letters[] = {"x", "\xc3\xa9", "\xe2\x82\xac",
                                          "\xf0\x9f\x8e\xac"};
    static char s[20000];
    for (size_t i = 0; i < 4; i++) {
        struct item_file f;
        struct item_line l;
        struct fail fail;
        bool has;
        size_t width = strlen(letters[i]), n = 4;
        memcpy(s, "1::x", 4);
        for (; n + width < sizeof s; n += width)
            memcpy(s + n, letters[i], width);
        item_file_init(&f, &proto_test_limits);
        ck_assert(item_file_line(&f, s, n, &l, &has, &fail) && has);
        size_t len = strlen(l.title);
        ck_assert_uint_gt(len, ITEM_TEXT_MAX - 1 - width);
        ck_assert_uint_lt(len, ITEM_TEXT_MAX);
        ck_assert_int_eq(memcmp(l.title, s + 3, len), 0);
        ck_assert_uint_eq((len - 1) % width, 0);
    }
}
END_TEST

START_TEST(many_categories_are_cut)
{
    static char s[200000];
    struct item_file f;
    struct item_line l;
    struct fail fail;
    bool has;
    size_t n = (size_t)snprintf(s, 64, "{\"item_id\":1,\"categories\":[\"a\"");
    for (int i = 0; i < 9999; i++)
        n += (size_t)snprintf(s + n, 16, ",\"c%d\"", i);
    n += (size_t)snprintf(s + n, 4, "]}");
    item_file_init(&f, &proto_test_limits);
    ck_assert(item_file_line(&f, s, n, &l, &has, &fail) && has);
    ck_assert_uint_lt(strlen(l.categories), ITEM_TEXT_MAX);
    ck_assert_int_eq(strncmp(l.categories, "a|c0|c1|", 8), 0);
}
END_TEST

static bool is_utf8(const char *s)
{
    uint32_t cp;
    for (size_t n = strlen(s), len = 0; n; s += len, n -= len) {
        len = utf8_decode(s, n, &cp);
        if (len == 0)
            return false;
    }
    return true;
}

/* Reads a whole file, all of whose lines must be items. */
static void read_all(const char *name, uint64_t want, const char *id,
                     const char *title, const char *categories)
{
    const char *path = proto_test_data(name);
    struct item_file f;
    size_t n;
    uint64_t count = 0;
    bool found = false;
    if (!path)
        return;
    char *bytes = proto_test_read(path, &n), *at = NULL;
    item_file_init(&f, &proto_test_limits);
    for (char *s = strtok_r(bytes, "\n", &at); s;
         s = strtok_r(NULL, "\n", &at)) {
        struct item_line l;
        struct fail fail;
        bool has;
        ck_assert_msg(item_file_line(&f, s, strlen(s), &l, &has, &fail) && has,
                      "%s", fail.message);
        ck_assert_msg(*l.title && is_utf8(l.title), "%s", s);
        count++;
        if (strlen(id) != l.item.len || memcmp(id, l.item.s, l.item.len) != 0)
            continue;
        ck_assert_str_eq(l.title, title);
        ck_assert_str_eq(l.categories, categories);
        found = true;
    }
    ck_assert_uint_eq(count, want);
    ck_assert(found);
    free(bytes);
}

START_TEST(whole_files)
{
    read_all("ml-100k/u.item", 1682, "543", "Miserables, Les (1995)",
             "Drama|Musical");
    read_all("movietweetings-100k/movies.dat", 10506, "0002844",
             "Fant\xc3\xb4mas - \xc3\x80 l'ombre de la guillotine (1913)",
             "Crime|Drama");
}
END_TEST

PROTO_TEST_MAIN("item_file", forms, long_texts_are_cut_between_characters,
                many_categories_are_cut, whole_files)
