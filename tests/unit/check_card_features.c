/* check_card_features.c -- which features a card has. */
#include "card_test.h"

#include <math.h>

static struct card_builder *b;

/* The features of a card with one number, under the given rules. */
static const char *of_number(const char *buckets, const char *name, double v)
{
    struct card_rules rules = card_test_rules(buckets, 0, 0);
    size_t n;
    b = card_builder_new(&rules);
    ck_assert_int_eq(card_builder_number(b, name, strlen(name), v), ERR_OK);
    const unsigned char *card = card_builder_end(b, CARD_OF_ITEM, &n);
    const char *text = card_test_text(card, n, CARD_LEARNED);
    card_builder_free(b);
    return text;
}

static const struct {
    const char *buckets, *name;
    double v;
    const char *out;
} numbers[] = {
    {"year:5", "year", 1997, "feature year=1995 1"},
    {"year:5", "year", 2000, "feature year=2000 1"},
    {"year:5", "year", -1, "feature year=-5 1"},
    {"year:5", "year", 0, "feature year=0 1"},
    {"year:5", "year", -0.0, "feature year=0 1"},
    {"x:0.1", "x", 0.35, "feature x=0.3 1"},
    {"x:1e3", "x", 1999.5, "feature x=1000 1"},
    {"x:1e-300", "x", 1e300, "feature x=1e+300 1"},
    {"x:log", "x", 0, "feature x=0 1"},
    {"x:log", "x", 1, "feature x=1 1"},
    {"x:log", "x", 1.4, "feature x=1 1"},
    {"x:log", "x", 1.5, "feature x=1.41 1"},
    {"x:log", "x", 2, "feature x=2 1"},
    {"x:log", "x", -9.5, "feature x=-8 1"},
    {"x:log", "x", 0.3, "feature x=0.25 1"},
    {"x:log", "x", 5e-324, "feature x=4.94e-324 1"},
    {"", "price", 24.99, "feature price=22.6 1"},
    {"x:exact", "x", 0.1, "feature x=0.1 1"},
    {"x:exact", "x", 9007199254740991, "feature x=9007199254740991 1"},
    {"x:exact", "x", 1.0 / 3, "feature x=0.33333333333333331 1"},
    {"x:off", "x", 3, ""},
    {"a:1,x:off,", "y", 4, "feature y=4 1"},
};

START_TEST(number)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ck_assert_msg(strcmp(of_number(numbers[i].buckets, numbers[i].name,
                                       numbers[i].v), numbers[i].out) == 0,
                      "%zu: %s", i, of_number(numbers[i].buckets,
                                              numbers[i].name, numbers[i].v));
}
END_TEST

static const char *const bad_rules[][2] = {
    {"year", "\"year\" is not name:rule"},
    {"year:5,,", "\"\" is not name:rule"},
    {":5", "\":5\" has a name that a number may not have"},
    {"tag:5", "\"tag:5\" has a name that a number may not have"},
    {"a b:5", "\"a b:5\" has a name that a number may not have"},
    {"a:5,a:log", "\"a:log\" names a number twice"},
    {"a:", "\"a:\" has a rule that is not a number above 0, log, exact or off"},
    {"a:0", "\"a:0\" has a rule that is not a number above 0, log, exact or off"},
    {"a:-1",
     "\"a:-1\" has a rule that is not a number above 0, log, exact or off"},
    {"a:inf",
     "\"a:inf\" has a rule that is not a number above 0, log, exact or off"},
    {"a:1e999",
     "\"a:1e999\" has a rule that is not a number above 0, log, exact or off"},
    {"a:0x5",
     "\"a:0x5\" has a rule that is not a number above 0, log, exact or off"},
};

START_TEST(rules_that_are_none)
{
    for (size_t i = 0; i < sizeof bad_rules / sizeof *bad_rules; i++) {
        struct card_rules rules;
        char error[CARD_RULES_ERROR_MAX];
        ck_assert(!card_rules_set(&rules, bad_rules[i][0], 0, 0, error));
        ck_assert_str_eq(error, bad_rules[i][1]);
    }
}
END_TEST

/* ---- text --------------------------------------------------------------- */

/* How many of the buckets two texts share; *n: how many the first has. */
static unsigned shared(const char *s, const char *t, unsigned *n)
{
    struct card_rules rules = card_test_rules("", 1 << 20, 0);
    char first[(1 << 16) + 1];
    size_t bytes;
    unsigned both = 0;
    b = card_builder_new(&rules);
    ck_assert_int_eq(card_builder_text(b, "text", 4, s, strlen(s)), ERR_OK);
    const unsigned char *p = card_builder_end(b, CARD_OF_ITEM, &bytes);
    snprintf(first, sizeof first, "%s;", card_test_text(p, bytes,
                                                        CARD_LEARNED));
    card_builder_begin(b);
    ck_assert_int_eq(card_builder_text(b, "about", 5, t, strlen(t)), ERR_OK);
    p = card_builder_end(b, CARD_OF_ITEM, &bytes);
    const unsigned char *end = p + bytes;
    struct card_field f;
    while (card_next(&p, end, &f)) {
        char name[300];
        snprintf(name, sizeof name, "%.*s ", (int)f.name_len, f.name);
        both += f.kind == CARD_FEATURE && strstr(first, name) != NULL;
    }
    *n = 0;
    for (const char *c = first; (c = strstr(c, "text=")) != NULL; c++)
        ++*n;
    card_builder_free(b);
    return both;
}

START_TEST(words)
{
    static const struct {
        const char *s, *t;
        unsigned n, both;
    } cases[] = {
        {"Space opera", "space OPERA", 2, 2},
        {"space-opera, space!", "opera", 2, 1},
        {"the and with space", "space", 1, 1},
        {"ab cd x1 r2d", "r2d", 1, 1},
        {"Am\xc3\xa9lie", "am\xc3\xa9lie", 1, 1},
        {"\xc2\xabm\xc3\xa9t\xc3\xa9o\xc2\xbb", "m\xc3\xa9t\xc3\xa9o", 1, 1},
        {"one\xe2\x80\x94two\xe2\x80\xa6three", "two", 2, 1},
        {"\xe5\xae\x87\xe5\xae\x99\xe3\x80\x82\xe5\xae\x87\xe5\xae\x99",
         "\xe5\xae\x87\xe5\xae\x99", 1, 1},
        {"", "space", 0, 0},
        {"w00 w01 w02 w03 w04 w05 w06 w07 w08 w09 w10 w11 w12 w13 w14 w15 w16",
         "w15 w16", 16, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned n, both = shared(cases[i].s, cases[i].t, &n);
        ck_assert_msg(n == cases[i].n && both == cases[i].both,
                      "%zu: %u words, %u in both", i, n, both);
    }
}
END_TEST

/* Recorded: the same words are the same features for ever. */
START_TEST(word_names)
{
    struct card_rules rules = card_test_rules("", 4096, 0);
    size_t n;
    b = card_builder_new(&rules);
    ck_assert_int_eq(card_builder_text(b, "title", 5, "dune", 4), ERR_OK);
    ck_assert_int_eq(card_builder_text(b, "text", 4, "desert", 6), ERR_OK);
    ck_assert_int_eq(card_builder_text(b, "more", 4, "worm spice desert", 17),
                     ERR_OK);
    const unsigned char *card = card_builder_end(b, CARD_OF_USER, &n);
    ck_assert_str_eq(card_test_text(card, n, CARD_LEARNED),
                     "feature user:text=1159 0.5774; feature user:text=722 "
                     "0.5774; feature user:text=3481 0.5774");
    card_builder_free(b);
}
END_TEST

/* ---- embedding ---------------------------------------------------------- */

/* Its features' weights into w; returns how many. */
static unsigned of_embedding(const float *x, size_t n, uint32_t features,
                             float *w)
{
    struct card_rules rules = card_test_rules("", 0, features);
    struct card_field f;
    size_t bytes;
    unsigned count = 0;
    b = card_builder_new(&rules);
    ck_assert_int_eq(card_builder_embedding(b, x, n), ERR_OK);
    const unsigned char *p = card_builder_end(b, CARD_OF_ITEM, &bytes);
    const unsigned char *end = p + bytes;
    while (card_next(&p, end, &f))
        if (f.kind == CARD_FEATURE) {
            char name[32];
            int len = snprintf(name, sizeof name, "embedding#%u", count);
            ck_assert_uint_eq(f.name_len, (unsigned)len);
            ck_assert_int_eq(memcmp(f.name, name, (size_t)len), 0);
            w[count++] = card_weight(&f);
        }
    card_builder_free(b);
    return count;
}

static double product(const float *a, const float *c, unsigned n)
{
    double sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += (double)a[i] * (double)c[i];
    return sum;
}

START_TEST(a_short_embedding_is_kept)
{
    const float x[] = {3, 0, -4}, none[] = {0, 0, 0};
    const float huge[] = {3.4e38f, 3.4e38f};
    float w[CARD_FEATURES_MAX];
    ck_assert_uint_eq(of_embedding(x, 3, 16, w), 3);
    ck_assert(w[0] == 0.6f && w[1] == 0 && w[2] == -0.8f);
    ck_assert_uint_eq(of_embedding(x, 3, 3, w), 3);
    ck_assert_uint_eq(of_embedding(none, 3, 16, w), 0);
    ck_assert_uint_eq(of_embedding(x, 3, 0, w), 0);
    ck_assert_uint_eq(of_embedding(huge, 2, 16, w), 2);
    ck_assert(fabsf(w[0] - sqrtf(0.5f)) < 1e-6f);
}
END_TEST

/* Projected, like stays like and unlike unlike; lengths are 1. */
START_TEST(a_long_embedding_is_projected)
{
    static float x[3][CARD_EMBEDDING_MAX];
    float w[3][CARD_FEATURES_MAX];
    uint64_t state = 7;
    for (unsigned i = 0; i < CARD_EMBEDDING_MAX; i++)
        for (unsigned k = 0; k < 3; k++) {
            double u = (double)(proto_test_random(&state) >> 11) * 0x1p-53;
            x[k][i] = (float)(u - 0.5);
        }
    for (unsigned i = 0; i < CARD_EMBEDDING_MAX; i++)
        x[1][i] = x[0][i] + 0.3f * x[1][i];
    for (unsigned k = 0; k < 3; k++) {
        ck_assert_uint_eq(of_embedding(x[k], CARD_EMBEDDING_MAX, 64, w[k]), 64);
        ck_assert(fabs(product(w[k], w[k], 64) - 1) < 1e-6);
    }
    ck_assert(product(w[0], w[1], 64) > 0.9);
    ck_assert(fabs(product(w[0], w[2], 64)) < 0.4);
}
END_TEST

/* Recorded: the matrix is the same for ever. */
START_TEST(projection)
{
    float x[70], w[CARD_FEATURES_MAX];
    char text[64];
    for (unsigned i = 0; i < 70; i++)
        x[i] = (float)(i + 1);
    ck_assert_uint_eq(of_embedding(x, 70, 3, w), 3);
    snprintf(text, sizeof text, "%.5f %.5f %.5f", (double)w[0], (double)w[1],
             (double)w[2]);
    ck_assert_str_eq(text, "-0.43377 0.76868 0.47008");
}
END_TEST

/* ---- how many ----------------------------------------------------------- */

START_TEST(no_more_than_the_model_takes)
{
    struct card_rules rules = card_test_rules("", 64, 4);
    const float x[] = {1, 0, 0, 0, 0};
    size_t n;
    b = card_builder_new(&rules);
    ck_assert_int_eq(card_builder_text(b, "text", 4, "desert", 6), ERR_OK);
    ck_assert_int_eq(card_builder_embedding(b, x, 5), ERR_OK);
    for (unsigned i = 0; i < 62; i++) {
        char tag[8];
        snprintf(tag, sizeof tag, "%u", i);
        ck_assert_int_eq(card_builder_tag(b, tag, strlen(tag)), ERR_OK);
    }
    ck_assert_int_eq(card_builder_number(b, "year", 4, 1), ERR_OK);
    const unsigned char *card = card_builder_end(b, CARD_OF_ITEM, &n);
    const char *text = card_test_text(card, n, CARD_LEARNED);
    ck_assert_int_eq(strncmp(text, "feature year=1 1; feature tag=0 1", 33), 0);
    ck_assert_ptr_nonnull(strstr(text, "feature tag=61 1; feature embedding#0"));
    ck_assert_ptr_null(strstr(text, "embedding#1"));
    ck_assert_ptr_null(strstr(text, "text="));
    card_builder_free(b);
}
END_TEST

PROTO_TEST_MAIN("card_features", number, rules_that_are_none, words, word_names,
                a_short_embedding_is_kept, a_long_embedding_is_projected,
                projection, no_more_than_the_model_takes)
