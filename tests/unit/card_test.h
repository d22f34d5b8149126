/* card_test.h -- what the tests of cards share: a builder, cards as text. */
#ifndef FRESHET_TESTS_CARD_TEST_H
#define FRESHET_TESTS_CARD_TEST_H

#include "proto_test.h"

#include <inttypes.h>

#include "proto/card_builder.h"

static inline struct card_rules card_test_rules(const char *buckets,
                                                uint32_t text,
                                                uint32_t embedding)
{
    struct card_rules rules;
    char error[CARD_RULES_ERROR_MAX];
    ck_assert_msg(card_rules_set(&rules, buckets, text, embedding, error),
                  "%s", error);
    return rules;
}

/* One field as text behind what is in out. */
static inline void card_test_field(const struct card_field *f, char *out,
                                   size_t size)
{
    static const char *const kinds[] = {
        "?", "category", "tag", "number", "text", "embedding", "from", "until",
        "hidden", "feature"};
    size_t n = strlen(out);
    n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "; " : "",
                          kinds[f->kind]);
    if (f->name_len)
        n += (size_t)snprintf(out + n, size - n, " %.*s", (int)f->name_len,
                              f->name);
    if (f->kind == CARD_NUMBER)
        snprintf(out + n, size - n, " %.9g", card_number(f));
    else if (f->kind == CARD_FEATURE)
        snprintf(out + n, size - n, " %.4g", (double)card_weight(f));
    else if (f->kind == CARD_FROM || f->kind == CARD_UNTIL)
        snprintf(out + n, size - n, " %" PRId64, card_time(f));
    else if (f->kind == CARD_EMBEDDING)
        snprintf(out + n, size - n, " %u", f->value_len / 4);
    else
        snprintf(out + n, size - n, "%s%.*s", f->value_len ? " " : "",
                 (int)f->value_len, f->value);
}

/* All of it, or the features alone, or all but those. */
enum card_part { CARD_ALL, CARD_PIECES, CARD_LEARNED };
static inline const char *card_test_text(const unsigned char *p, size_t n,
                                         enum card_part part)
{
    static char out[1 << 16];
    const unsigned char *end = p + n;
    struct card_field f;
    ck_assert(card_ok(p, n));
    out[0] = '\0';
    while (card_next(&p, end, &f))
        if (part == CARD_ALL ||
            (f.kind == CARD_FEATURE) == (part == CARD_LEARNED))
            card_test_field(&f, out, sizeof out);
    return out;
}

#endif
