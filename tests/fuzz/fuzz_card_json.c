/* fuzz_card_json.c -- a metadata document that is accepted gives a sound card,
 * which is written as a document that gives the same card. */
#include "tests/fuzz/fuzz.h"

#include "proto/card_json.h"

struct kept {
    unsigned char card[CARD_BYTES_MAX];
    size_t n;
    bool filled;
};

static struct card_rules rules;
static struct card_builder *builder;

static bool keep(void *arg, struct id id, const unsigned char *card, size_t n,
                 struct fail *f)
{
    struct kept *k = arg;
    (void)f;
    fuzz_check_id(id);
    MUST(card_ok(card, n) && n <= sizeof k->card);
    memcpy(k->card, card, n);
    k->n = n;
    k->filled = true;
    return true;
}

static void read_back(const struct card_reader *r, const struct kept *k)
{
    static struct buf b;
    static struct kept again;
    struct proto_limits wide = *r->limits;
    struct card_reader reader = {r->owner, r->builder, &wide};
    struct fail f;
    wide.array_elements = wide.json_values = 100000; // 1e1 is written as 10
    buf_clear(&b);
    card_json_write_document(&b, k->card, k->n);
    MUST(!b.failed);
    MUST(card_json_parse_put(&reader, (struct id){"id", 2}, b.p, b.len, keep,
                             &again, &f));
    MUST(again.n == k->n && memcmp(again.card, k->card, k->n) == 0);
}

static void check(const struct card_reader *r, const char *s, size_t size)
{
    static struct kept k;
    struct fail f;
    k.filled = false;
    if (!card_json_parse(r, s, size, keep, &k, &f))
        fuzz_check_fail(&f);
    else
        MUST(k.filled);
    k.filled = false;
    if (!card_json_parse_line(r, s, size, keep, &k, &f)) {
        fuzz_check_fail(&f);
        MUST(f.index == -1);
        return;
    }
    MUST(k.filled);
    read_back(r, &k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[CARD_RULES_ERROR_MAX];
    if (!builder) {
        MUST(card_rules_set(&rules, "year:5,x:exact,y:off", 64, 4, error));
        builder = card_builder_new(&rules);
        MUST(builder);
    }
    for (int owner = CARD_OF_ITEM; owner <= CARD_OF_USER; owner++) {
        struct card_reader r = {(enum card_owner)owner, builder, &fuzz_limits};
        check(&r, (const char *)data, size);
    }
    return 0;
}
