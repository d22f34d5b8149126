/* check_ratings_file.c -- files of ratings in the forms people have. */
#include "proto_test.h"

#include "proto/csv.h"
#include "proto/ratings_file.h"

/* Lines up to NULL; `out` is what they say, one "user item rating time" or
 * "!code line" after the other, "; " between. */
static const struct {
    const char *lines[8];
    const char *out;
} files[] = {
    {{"196\t242\t3\t881250949", "186\t302\t3\t891717742\r", "", "1\t2\t3"},
     "196 242 3 881250949000; 186 302 3 891717742000; 1 2 3 -"},
    {{"a\tb\t4"}, "a b 4 -"},
    {{"userId,movieId,rating,timestamp", "1,31,2.5,1260759144", "1,x y,5,"},
     "1 31 2.5 1260759144000; 1 x y 5 -"},
    {{"\xef\xbb\xbf\"User ID\";\"Item-Id\";\"Score\"",
      "\"a;b\";\"c \"\"d\"\"\";4", "e;f;1\r"}, "a;b c \"d\" 4 -; e f 1 -"},
    {{"ts\tstars\tproduct_id\tuser\tnote", "10\t4\tp\tu\tx\ty",
      "12.5\t3\tp\tu"},
     "u p 4 10000; u p 3 12500"},
    {{"# made by hand", "", "user,item,rating,time",
      "# more", "u,i,5,1699999999999"}, "u i 5 1699999999999"},
    {{"1::1074638::5::1365029107", "1:2::b:::1"},
     "1 1074638 5 1365029107000; !invalid_rating 2"},
    {{"1::0002844::4::1365029107"}, "1 0002844 4 1365029107000"},
    {{"{\"user_id\":1,\"item_id\":\"i\",\"rating\":2}",
      " {\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":5,\"timestamp\":3}\r",
      "{\"user_id\":1}"},
     "1 i 2 -; u i 5 3000; !missing_field 3"},
    {{"u,i,5"}, "!missing_field 1"},
    {{"1,2,3,4", "user,item,rating", "1,2,3"},
     "!missing_field 1; 1 2 3 -"},
    {{"user,item", "1,2"}, "!missing_field 1; !missing_field 2"},
    {{"u\ti\tx"}, "!missing_field 1"},
    {{"user,item,rating", "u,i", "u,i,", "u,i,x", "u,i,0x1p1", "u,i,nan"},
     "!missing_field 2; !invalid_rating 3; !invalid_rating 4; "
     "!invalid_rating 5; !invalid_rating 6"},
    {{"user,item,rating", "u,i,6", "u,i,1e400", ",i,3", "u,,3", "u,i, 3 "},
     "!invalid_rating 2; !invalid_rating 3; !invalid_id 4; !invalid_id 5; "
     "u i 3 -"},
    {{"user,item,rating", "\"u,i,3", "\"u\"x,i,3", "u,\"\",3", "u,\"i\",\"3\""},
     "!invalid_type 2; !invalid_type 3; !invalid_id 4; u i 3 -"},
    {{"user,item,rating,time", "u,i,3,-1", "u,i,3,1700086401",
      "u,i,3,1700086400999", "u,i,3,1700000000000000", "u,i,3,2020-01-01"},
     "!invalid_timestamp 2; !invalid_timestamp 3; !invalid_timestamp 4; "
     "!invalid_timestamp 5; !invalid_timestamp 6"},
    {{"user,item,rating", "caf\xe9,i,3", "a\x01,i,3"},
     "!invalid_id 2; !invalid_id 3"},
    {{"no header", "1::2::3"}, "!missing_field 1; 1 2 3 -"},
    {{"user,user_id,item,rating", "a,b,i,3"}, "a i 3 -"},
};

static void say(char *out, size_t room, const struct rating *r)
{
    size_t n = strlen(out);
    n += (size_t)snprintf(out + n, room - n, "%.*s %.*s %.9g ",
                          (int)r->user.len, r->user.s, (int)r->item.len,
                          r->item.s, (double)r->value);
    if (r->time_ms == TIME_UNSET)
        snprintf(out + n, room - n, "-");
    else
        snprintf(out + n, room - n, "%lld", (long long)r->time_ms);
}

START_TEST(forms)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char out[1024] = "";
        struct ratings_file f;
        ratings_file_init(&f, &proto_test_limits);
        for (size_t k = 0; k < 8 && files[i].lines[k]; k++) {
            const char *s = files[i].lines[k];
            struct rating r;
            struct fail fail;
            bool has;
            size_t n = strlen(out);
            bool ok = ratings_file_line(&f, s, strlen(s), &r, &has, &fail);
            ck_assert(ok || !has);
            if (n && (has || !ok))
                n += (size_t)snprintf(out + n, sizeof out - n, "; ");
            if (has)
                say(out, sizeof out, &r);
            if (!ok)
                snprintf(out + n, sizeof out - n, "!%s %lld",
                         fail_name(fail.code), (long long)fail.index);
        }
        ck_assert_str_eq(out, files[i].out);
    }
}
END_TEST

START_TEST(ids_of_256_and_257_bytes)
{
    char s[600];
    struct ratings_file f;
    struct rating r;
    struct fail fail;
    bool has;
    ratings_file_init(&f, &proto_test_limits);
    memset(s, 'x', sizeof s);
    memcpy(s + 256, "\ti\t4", 4);
    ck_assert(ratings_file_line(&f, s, 260, &r, &has, &fail) && has);
    ck_assert_uint_eq(r.user.len, 256);
    memcpy(s + 256, "x\ti\t4", 5);
    ck_assert(!ratings_file_line(&f, s, 261, &r, &has, &fail));
    ck_assert_int_eq(fail.code, FAIL_invalid_id);
    ck_assert_ptr_nonnull(strstr(fail.message, "longer than 256"));
    s[0] = s[257] = '"'; // 256 between quotes
    memcpy(s + 258, "\ti\t4", 4);
    ck_assert(ratings_file_line(&f, s, 262, &r, &has, &fail) && has);
    ck_assert_uint_eq(r.user.len, 256);
}
END_TEST

START_TEST(ids_outlive_the_line)
{
    static const char *const lines[] = {
        "anna\tbook\t3", "anna::book::3",
        "{\"user_id\":\"anna\",\"item_id\":\"book\",\"rating\":3,"
        "\"event_id\":\"e-1\"}"};
    for (int i = 0; i < 3; i++) {
        char s[100];
        struct ratings_file f;
        struct rating r;
        struct fail fail;
        bool has;
        snprintf(s, sizeof s, "%s", lines[i]);
        ratings_file_init(&f, &proto_test_limits);
        ck_assert(ratings_file_line(&f, s, strlen(s), &r, &has, &fail) && has);
        memset(s, 0, sizeof s);
        ck_assert_int_eq(memcmp(r.user.s, "anna", 4), 0);
        ck_assert_int_eq(memcmp(r.item.s, "book", 4), 0);
        ck_assert_uint_eq(r.event_id.len, i == 2 ? 3 : 0);
        if (i == 2)
            ck_assert_int_eq(memcmp(r.event_id.s, "e-1", 3), 0);
    }
}
END_TEST

START_TEST(many_columns)
{
    struct csv_field fields[CSV_FIELDS];
    char s[400];
    memset(s, ',', sizeof s);
    ck_assert_int_eq(csv_split(s, sizeof s, ',', fields), CSV_FIELDS);
    ck_assert_int_eq(csv_split(s, 3, ',', fields), 4);
    ck_assert_int_eq(csv_split("", 0, ',', fields), 1);
    ck_assert_int_eq(csv_split_plain(s, sizeof s, ",", fields), CSV_FIELDS);
    ck_assert_int_eq(csv_split_plain("a::b:::c", 8, "::", fields), 3);
    ck_assert_uint_eq(fields[2].n, 2);
}
END_TEST

/* Reads a whole file, all of whose lines must be ratings. */
static void read_all(const char *name, float max, uint64_t want, double sum)
{
    const char *path = proto_test_data(name);
    struct proto_limits l = proto_test_limits;
    struct ratings_file f;
    size_t n;
    double got = 0;
    uint64_t count = 0;
    if (!path)
        return;
    char *bytes = proto_test_read(path, &n), *at = NULL;
    l.rating_max = max;
    l.rating_min = 0;
    ratings_file_init(&f, &l);
    for (char *s = strtok_r(bytes, "\n", &at); s;
         s = strtok_r(NULL, "\n", &at)) {
        struct rating r;
        struct fail fail;
        bool has;
        ck_assert_msg(ratings_file_line(&f, s, strlen(s), &r, &has, &fail) &&
                      has, "%s: %s", s, fail.message);
        got += (double)r.value;
        count++;
    }
    ck_assert_uint_eq(count, want);
    ck_assert(got == sum);
    free(bytes);
}

START_TEST(whole_files)
{
    read_all("ml-100k/u.data", 5, 100000, 352986);
    read_all("movietweetings-100k/ratings.dat", 10, 100000, 732482);
}
END_TEST

PROTO_TEST_MAIN("ratings_file", forms, ids_of_256_and_257_bytes,
                ids_outlive_the_line, many_columns, whole_files)
