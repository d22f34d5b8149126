/* check_filter.c -- which cards pass, and that 64 bits never say otherwise. */
#include "suite_run.h"

#include "asserts.h"
#include <string.h>

#include "model/core/card.h"
#include "model/core/filter.h"

/* A card from text: "c=comedy t=x price:5 from@100 until@200 hidden". */
static size_t make(const char *text, unsigned char *card)
{
    size_t n = 0;
    while (*text) {
        size_t len = strcspn(text, " ");
        unsigned char value[8] = {0};
        struct card_field f = {.value = (const unsigned char *)text + 2,
                               .value_len = (uint32_t)len - 2};
        const char *mark = memchr(text, ':', len);
        const char *at = memchr(text, '@', len);
        if (text[1] == '=') {
            f.kind = text[0] == 'c' ? CARD_CATEGORY : CARD_TAG;
        } else if (mark) {
            double v = mark[1] - '0';
            memcpy(value, &v, sizeof v);
            f = (struct card_field){CARD_NUMBER, text, (uint32_t)(mark - text),
                                    value, 8};
        } else if (at) {
            value[0] = (unsigned char)(10 * (at[1] - '0'));
            f = (struct card_field){text[0] == 'f' ? CARD_FROM : CARD_UNTIL,
                                    NULL, 0, value, 8};
        } else {
            f = (struct card_field){.kind = text[0] == 'h' ? CARD_HIDDEN
                                                           : CARD_DELETED};
        }
        ck_assert(card_put(card, 1000, &n, &f));
        text += len + (text[len] == ' ');
    }
    ck_assert(card_ok(card, n));
    return n;
}

static const struct id a = {"a", 1}, b = {"b", 1}, ab[] = {{"a", 1}, {"b", 1}},
                       long_a = {"aa", 2};
static const struct filter_range five = {{"price", 5}, 5, 5},
    low = {{"price", 5}, -1e9, 4}, both[] = {{{"price", 5}, 1, 9},
                                             {{"year", 4}, 3, 4}};

static const struct {
    struct filter f;
    const char *passes[6], *fails[6];
} cases[] = {
    {{.at_ms = 50},
     {"", "c=a", "f@5", "u@6", "f@1 u@9"},
     {"hidden", "deleted", "f@6", "u@5", "c=a hidden"}},
    {{.labels = {{.any = {&a, 1}}}},
     {"c=a", "c=b c=a", "c=a t=b"},
     {"", "c=b", "t=a", "c=aa", "c=a hidden"}},
    {{.labels = {{.any = {ab, 2}}}}, {"c=a", "c=b", "c=a c=b"}, {"", "c=c"}},
    {{.labels = {{.all = {ab, 2}}}}, {"c=b c=a", "c=a c=b c=c"},
     {"c=a", "c=b", "", "c=a t=b"}},
    {{.labels = {{.none = {ab, 2}}}}, {"", "c=c", "t=a"}, {"c=a", "c=c c=b"}},
    {{.labels = {{.any = {&a, 1}, .none = {&b, 1}}, {.all = {&long_a, 1}}}},
     {"c=a t=aa"}, {"c=a", "c=a c=b t=aa", "t=aa", "c=a t=a"}},
    {{.range = &five, .nranges = 1}, {"price:5", "cost:1 price:5"},
     {"", "price:4", "price:6", "pric:5"}},
    {{.range = &low, .nranges = 1}, {"price:4", "price:0"}, {"", "price:5"}},
    {{.range = both, .nranges = 2}, {"price:1 year:3", "price:9 year:4"},
     {"price:5", "year:3", "price:5 year:5"}},
};

static void check(const struct filter *f, const char *text, bool passes)
{
    unsigned char card[1000];
    struct filter_mask m;
    size_t n = make(text, card);
    ck_assert_msg(filter_passes(f, card, n) == passes, "%s", text);
    filter_mask_make(&m, f);
    enum filter_said said = filter_ask_bits(&m, filter_bits(card, n));
    ck_assert_msg(said == FILTER_ASK_CARD ||
                  (said == FILTER_YES) == passes, "bits of %s", text);
}

START_TEST(cards_pass_or_fail)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int k = 0; k < 6 && cases[i].passes[k]; k++)
            check(&cases[i].f, cases[i].passes[k], true);
        for (int k = 0; k < 6 && cases[i].fails[k]; k++)
            check(&cases[i].f, cases[i].fails[k], false);
    }
}
END_TEST

/* The bits are worth having: they say most of it alone. */
START_TEST(bits_spare_the_card)
{
    struct filter any = {.labels = {{.any = {&a, 1}}}}, none = {.at_ms = 0};
    struct filter_mask m;
    unsigned char card[1000];
    int no = 0;
    filter_mask_make(&m, &any);
    for (char c = 'b'; c <= 'z'; c++) {
        char text[4] = {'c', '=', c, 0};
        size_t n = make(text, card);
        no += filter_ask_bits(&m, filter_bits(card, n)) == FILTER_NO;
    }
    ck_assert_int_ge(no, 20); // of 25
    filter_mask_make(&m, &none);
    ck_assert_int_eq(filter_ask_bits(&m, filter_bits(card, make("c=a", card))),
                     FILTER_YES);
    ck_assert_int_eq(filter_ask_bits(&m, filter_bits(card,
                                                     make("hidden", card))),
                     FILTER_ASK_CARD);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {cards_pass_or_fail, bits_spare_the_card};
    return suite_run("filter", tests, sizeof tests / sizeof *tests);
}
