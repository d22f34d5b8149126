/* card_builder.c -- see card_builder.h. */
#include "proto/card_builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/bytes.h"
#include "model/core/random.h"
#include "proto/id.h"
#include "proto/utf8.h"

/* A piece stands in `pieces` as the field that it will be. */
struct piece {
    uint64_t key;          /* of what there can be only one of */
    uint32_t at;
    enum card_kind kind;
};

struct card_builder {
    const struct card_rules *rules;
    uint32_t n;
    size_t bytes;
    struct piece piece[CARD_PIECES_MAX];
    unsigned char pieces[CARD_PIECES_BYTES_MAX];
    unsigned char card[CARD_BYTES_MAX];
};

struct card_builder *card_builder_new(const struct card_rules *rules)
{
    struct card_builder *b = malloc(sizeof *b);
    if (!b)
        return NULL;
    b->rules = rules;
    card_builder_begin(b);
    return b;
}

void card_builder_free(struct card_builder *b)
{
    free(b);
}

void card_builder_begin(struct card_builder *b)
{
    b->n = 0;
    b->bytes = 0;
}

/* What must differ from all others of its kind: the label, the name, nothing. */
static struct id key_of(const struct card_field *f)
{
    bool label = f->kind == CARD_CATEGORY || f->kind == CARD_TAG;
    return label ? (struct id){(const char *)f->value, f->value_len}
                 : (struct id){f->name, f->name_len};
}

static bool is_there(const struct card_builder *b, uint64_t key,
                     const struct card_field *f)
{
    struct id want = key_of(f), have;
    for (uint32_t i = 0; i < b->n; i++) {
        if (b->piece[i].key != key || b->piece[i].kind != f->kind)
            continue;
        struct card_field old;
        const unsigned char *p = b->pieces + b->piece[i].at;
        card_next(&p, b->pieces + b->bytes, &old);
        have = key_of(&old);
        if (have.len == want.len &&
            (want.len == 0 || memcmp(have.s, want.s, want.len) == 0))
            return true;
    }
    return false;
}

static enum err add(struct card_builder *b, const struct card_field *f)
{
    struct id what = key_of(f);
    uint64_t key = random_id(what.s, what.len);
    if (is_there(b, key, f))
        return f->kind == CARD_CATEGORY || f->kind == CARD_TAG ? ERR_OK
                                                               : ERR_RANGE;
    size_t at = b->bytes;
    if (b->n == CARD_PIECES_MAX ||
        !card_put(b->pieces, sizeof b->pieces, &b->bytes, f))
        return ERR_FULL;
    b->piece[b->n++] = (struct piece){key, (uint32_t)at, f->kind};
    return ERR_OK;
}

static enum err add_label(struct card_builder *b, enum card_kind kind,
                          const char *s, size_t n)
{
    if (n > CARD_LABEL_MAX || !id_valid(s, n))
        return ERR_RANGE;
    struct card_field f = {.kind = kind, .value = (const unsigned char *)s,
                           .value_len = (uint32_t)n};
    return add(b, &f);
}

enum err card_builder_category(struct card_builder *b, const char *s, size_t n)
{
    return add_label(b, CARD_CATEGORY, s, n);
}

enum err card_builder_tag(struct card_builder *b, const char *s, size_t n)
{
    return add_label(b, CARD_TAG, s, n);
}

static enum err add_u64(struct card_builder *b, enum card_kind kind,
                        struct id name, uint64_t v)
{
    unsigned char value[8];
    put_u64(value, v);
    struct card_field f = {.kind = kind, .name = name.s, .name_len = name.len,
                           .value = value, .value_len = sizeof value};
    return add(b, &f);
}

enum err card_builder_number(struct card_builder *b, const char *name,
                             size_t name_len, double v)
{
    uint64_t bits;
    if (!card_name_ok(name, name_len) || !isfinite(v))
        return ERR_RANGE;
    v += 0.0; // -0 becomes 0
    memcpy(&bits, &v, sizeof bits);
    return add_u64(b, CARD_NUMBER, (struct id){name, (uint32_t)name_len}, bits);
}

static bool is_utf8(const char *s, size_t n)
{
    uint32_t cp;
    for (size_t i = 0; i < n;) {
        size_t len = utf8_decode(s + i, n - i, &cp);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

enum err card_builder_text(struct card_builder *b, const char *name,
                           size_t name_len, const char *s, size_t n)
{
    bool plain = name_len == 4 && memcmp(name, "text", 4) == 0;
    if ((!plain && !card_name_ok(name, name_len)) || !is_utf8(s, n))
        return ERR_RANGE;
    if (n > CARD_PIECES_BYTES_MAX)
        return ERR_FULL;
    struct card_field f = {.kind = CARD_TEXT, .name = name,
                           .name_len = (uint32_t)name_len,
                           .value = (const unsigned char *)s,
                           .value_len = (uint32_t)n};
    return add(b, &f);
}

enum err card_builder_embedding(struct card_builder *b, const float *x,
                                size_t n)
{
    unsigned char value[4 * CARD_EMBEDDING_MAX];
    if (n == 0 || n > CARD_EMBEDDING_MAX)
        return ERR_RANGE;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]))
            return ERR_RANGE;
        put_f32(value + 4 * i, x[i]);
    }
    struct card_field f = {.kind = CARD_EMBEDDING, .value = value,
                           .value_len = (uint32_t)(4 * n)};
    return add(b, &f);
}

enum err card_builder_from(struct card_builder *b, int64_t ms)
{
    return add_u64(b, CARD_FROM, (struct id){NULL, 0}, (uint64_t)ms);
}

enum err card_builder_until(struct card_builder *b, int64_t ms)
{
    return add_u64(b, CARD_UNTIL, (struct id){NULL, 0}, (uint64_t)ms);
}

enum err card_builder_hidden(struct card_builder *b)
{
    struct card_field f = {.kind = CARD_HIDDEN};
    return add(b, &f);
}

const unsigned char *card_builder_end(struct card_builder *b,
                                      enum card_owner owner, size_t *n)
{
    *n = 0;
    for (int kind = CARD_CATEGORY; kind < CARD_FEATURE; kind++)
        for (uint32_t i = 0; i < b->n; i++) {
            size_t end = i + 1 < b->n ? b->piece[i + 1].at : b->bytes;
            if ((int)b->piece[i].kind != kind)
                continue;
            memcpy(b->card + *n, b->pieces + b->piece[i].at,
                   end - b->piece[i].at);
            *n += end - b->piece[i].at;
        }
    card_features(b->rules, owner, b->card, n);
    return b->card;
}
