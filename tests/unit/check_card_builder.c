/* check_card_builder.c -- cards from pieces: order, what comes twice, limits. */
#include "card_test.h"

#include <math.h>

static struct card_rules rules;
static struct card_builder *b;

static void begin(void)
{
    rules = card_test_rules("year:5", 0, 0);
    b = card_builder_new(&rules);
    ck_assert_ptr_nonnull(b);
}

static const char *end(enum card_part part)
{
    size_t n;
    const unsigned char *card = card_builder_end(b, CARD_OF_ITEM, &n);
    return card_test_text(card, n, part);
}

static void check_end(enum card_owner owner)
{
    size_t n;
    const unsigned char *card = card_builder_end(b, owner, &n);
    ck_assert(card_ok(card, n));
}

#define OK(call) ck_assert_int_eq((call), ERR_OK)
#define FULL(call) ck_assert_int_eq((call), ERR_FULL)
#define REFUSED(call) ck_assert_int_eq((call), ERR_RANGE)

START_TEST(pieces_stand_by_kind)
{
    const float x[] = {1, 2, 3};
    begin();
    OK(card_builder_hidden(b));
    OK(card_builder_until(b, -5));
    OK(card_builder_from(b, 1700000000123));
    OK(card_builder_embedding(b, x, 3));
    OK(card_builder_text(b, "title", 5, "A b", 3));
    OK(card_builder_number(b, "year", 4, 1997));
    OK(card_builder_tag(b, "z", 1));
    OK(card_builder_category(b, "Drama", 5));
    OK(card_builder_tag(b, "a", 1));
    OK(card_builder_text(b, "text", 4, "", 0));
    OK(card_builder_category(b, "Crime", 5));
    ck_assert_str_eq(end(CARD_ALL),
                     "category Drama; category Crime; tag z; tag a; "
                     "number year 1997; text title A b; text text; "
                     "embedding 3; from 1700000000123; until -5; hidden; "
                     "feature category=Drama 1; feature category=Crime 1; "
                     "feature year=1995 1; feature tag=z 1; feature tag=a 1");
    card_builder_begin(b);
    ck_assert_str_eq(end(CARD_ALL), "");
    card_builder_free(b);
}
END_TEST

START_TEST(once_only)
{
    const float x[] = {1};
    begin();
    OK(card_builder_category(b, "a", 1));
    OK(card_builder_category(b, "a", 1)); // passed over
    OK(card_builder_tag(b, "a", 1));
    OK(card_builder_tag(b, "a", 1));
    OK(card_builder_tag(b, "ab", 2));
    OK(card_builder_number(b, "n", 1, 1));
    REFUSED(card_builder_number(b, "n", 1, 1));
    OK(card_builder_text(b, "n", 1, "t", 1));
    REFUSED(card_builder_text(b, "n", 1, "u", 1));
    OK(card_builder_embedding(b, x, 1));
    REFUSED(card_builder_embedding(b, x, 1));
    OK(card_builder_from(b, 1));
    REFUSED(card_builder_from(b, 2));
    OK(card_builder_until(b, 1));
    REFUSED(card_builder_until(b, 2));
    OK(card_builder_hidden(b));
    REFUSED(card_builder_hidden(b));
    ck_assert_str_eq(end(CARD_PIECES),
                     "category a; tag a; tag ab; number n 1; text n t; "
                     "embedding 1; from 1; until 1; hidden");
    card_builder_free(b);
}
END_TEST

START_TEST(what_a_piece_may_be)
{
    static float many[CARD_EMBEDDING_MAX + 1];
    const float bad[] = {1, NAN}, endless[] = {INFINITY};
    char label[CARD_LABEL_MAX + 1], name[CARD_NAME_MAX + 1];
    memset(label, 'x', sizeof label);
    memset(name, 'x', sizeof name);
    begin();
    REFUSED(card_builder_category(b, "", 0));
    REFUSED(card_builder_category(b, "a\nb", 3));
    REFUSED(card_builder_category(b, "\xff", 1));
    REFUSED(card_builder_tag(b, label, sizeof label));
    REFUSED(card_builder_number(b, "", 0, 1));
    REFUSED(card_builder_number(b, "a b", 3, 1));
    REFUSED(card_builder_number(b, "a=b", 3, 1));
    REFUSED(card_builder_number(b, "tag", 3, 1));
    REFUSED(card_builder_number(b, "text", 4, 1));
    REFUSED(card_builder_number(b, name, sizeof name, 1));
    REFUSED(card_builder_number(b, "n", 1, (double)NAN));
    REFUSED(card_builder_number(b, "n", 1, -(double)INFINITY));
    REFUSED(card_builder_text(b, "category", 8, "t", 1));
    REFUSED(card_builder_text(b, "t", 1, "\xc3", 1));
    REFUSED(card_builder_embedding(b, many, 0));
    REFUSED(card_builder_embedding(b, many, CARD_EMBEDDING_MAX + 1));
    REFUSED(card_builder_embedding(b, bad, 2));
    REFUSED(card_builder_embedding(b, endless, 1));
    ck_assert_str_eq(end(CARD_ALL), "");
    OK(card_builder_tag(b, label, CARD_LABEL_MAX));
    OK(card_builder_number(b, name, CARD_NAME_MAX, -0.0));
    OK(card_builder_embedding(b, many, CARD_EMBEDDING_MAX));
    check_end(CARD_OF_USER);
    card_builder_free(b);
}
END_TEST

START_TEST(no_more_than_fits)
{
    static char text[CARD_PIECES_BYTES_MAX + 1];
    char tag[16];
    begin();
    memset(text, 'x', sizeof text);
    FULL(card_builder_text(b, "t", 1, text, sizeof text));
    FULL(card_builder_text(b, "t", 1, text, CARD_PIECES_BYTES_MAX - 4));
    OK(card_builder_text(b, "t", 1, text, CARD_PIECES_BYTES_MAX - 5));
    FULL(card_builder_tag(b, "x", 1));
    check_end(CARD_OF_ITEM);
    card_builder_begin(b);
    for (unsigned i = 0; i < CARD_PIECES_MAX; i++) {
        snprintf(tag, sizeof tag, "%u", i);
        OK(card_builder_tag(b, tag, strlen(tag)));
    }
    FULL(card_builder_tag(b, "x", 1));
    OK(card_builder_tag(b, "7", 1)); // it is there
    check_end(CARD_OF_ITEM);
    card_builder_free(b);
}
END_TEST

/* The largest card: longest pieces, all features with the longest names. */
START_TEST(the_largest_card_fits)
{
    char label[CARD_LABEL_MAX];
    size_t n;
    begin();
    memset(label, 'x', sizeof label);
    enum err err = ERR_OK;
    for (unsigned i = 0; err == ERR_OK; i++) {
        char digits[16];
        snprintf(digits, sizeof digits, "%05u", i);
        memcpy(label, digits, 5);
        err = card_builder_category(b, label, sizeof label);
    }
    FULL(err);
    const unsigned char *card = card_builder_end(b, CARD_OF_USER, &n);
    ck_assert(card_ok(card, n));
    ck_assert_uint_gt(n, CARD_PIECES_BYTES_MAX);
    card_builder_free(b);
}
END_TEST

PROTO_TEST_MAIN("card_builder", pieces_stand_by_kind, once_only,
                what_a_piece_may_be, no_more_than_fits, the_largest_card_fits)
