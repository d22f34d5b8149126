/* card_features.c -- see card_features.h. */
#include "proto/card_features.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/bytes.h"
#include "model/core/random.h"
#include "proto/card_words.h"

/* A constant for ever: another one would make other features of the same
 * embeddings. */
#define PROJECTION_SEED UINT64_C(0x66726573686574)

struct derived {
    const struct card_rules *rules;
    const char *prefix;
    unsigned char *dst;
    size_t *n;
    uint32_t count;
};

/* Appends one, name = prefix + head + tail.  False: there is no place left. */
static bool add(struct derived *d, const char *head, const char *tail,
                size_t tail_len, float weight)
{
    char name[255];
    unsigned char value[4];
    size_t len = 0;
    if (d->count == CARD_FEATURES_MAX)
        return false;
    const struct id part[] = {{d->prefix, (uint32_t)strlen(d->prefix)},
                              {head, (uint32_t)strlen(head)},
                              {tail, (uint32_t)tail_len}};
    for (size_t i = 0; i < 3; i++) {
        if (part[i].len > sizeof name - len)
            return true; // a card from elsewhere: no label is as long
        memcpy(name + len, part[i].s, part[i].len);
        len += part[i].len;
    }
    put_f32(value, weight);
    struct card_field f = {.kind = CARD_FEATURE, .name = name,
                           .name_len = (uint32_t)len, .value = value,
                           .value_len = sizeof value};
    d->count++;
    return card_put(d->dst, SIZE_MAX, d->n, &f);
}

static void add_label(struct derived *d, const struct card_field *f)
{
    add(d, f->kind == CARD_TAG ? "tag=" : "category=", (const char *)f->value,
        f->value_len, 1);
}

/* ---- numbers ------------------------------------------------------------ */

/* The power of sqrt(2) at or below |v|, with v's sign.  By the bits of v, so
 * that no machine's logarithm has a say. */
static double half_octave(double v)
{
    int exponent;
    double part = frexp(fabs(v), &exponent); // 1/2 .. 1
    double below = part >= M_SQRT1_2 ? M_SQRT1_2 : 0.5;
    return v == 0 ? 0 : copysign(ldexp(below, exponent), v);
}

static void add_number(struct derived *d, const struct card_field *f)
{
    char head[CARD_NAME_MAX + 2], text[40];
    double v = card_number(f) + 0.0; // -0 becomes 0
    enum bucket bucket = BUCKET_LOG;
    double width = 0;
    if (!card_name_ok(f->name, f->name_len))
        return;
    memcpy(head, f->name, f->name_len);
    head[f->name_len] = '\0';
    for (uint32_t i = 0; i < d->rules->n; i++)
        if (strcmp(d->rules->number[i].name, head) == 0) {
            bucket = d->rules->number[i].bucket;
            width = d->rules->number[i].width;
        }
    int digits = 9;
    if (bucket == BUCKET_OFF)
        return;
    if (bucket == BUCKET_LOG) {
        v = half_octave(v);
        digits = 3;
    } else if (bucket == BUCKET_WIDTH && isfinite(v / width)) {
        v = floor(v / width) * width;
    } else
        digits = 15;
    snprintf(text, sizeof text, "%.*g", digits, v);
    if (bucket == BUCKET_EXACT && strtod(text, NULL) != v)
        snprintf(text, sizeof text, "%.17g", v);
    head[f->name_len] = '=';
    head[f->name_len + 1] = '\0';
    add(d, head, text, strlen(text), 1);
}

/* ---- embedding ---------------------------------------------------------- */

/* Row `out` of the matrix times x: 64 signs are the bits of one random number. */
static double project(const unsigned char *x, uint32_t n, uint32_t out)
{
    double sum = 0;
    uint64_t signs = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i % 64 == 0)
            signs = random_mix(PROJECTION_SEED +
                               ((uint64_t)out << 32 | i / 64) *
                                   UINT64_C(0x9e3779b97f4a7c15));
        double v = (double)get_f32(x + 4 * (size_t)i);
        sum += signs >> i % 64 & 1 ? v : -v;
    }
    return sum;
}

static void add_embedding(struct derived *d, const struct card_field *f)
{
    double y[CARD_PROJECTED_MAX], square = 0;
    uint32_t n = f->value_len / 4, m = d->rules->embedding_features;
    if (m > CARD_PROJECTED_MAX)
        m = CARD_PROJECTED_MAX;
    bool whole = n <= m;
    if (whole)
        m = n;
    for (uint32_t i = 0; i < m; i++) {
        y[i] = whole ? (double)get_f32(f->value + 4 * (size_t)i)
                     : project(f->value, n, i);
        square += y[i] * y[i];
    }
    if (!(square > 0))
        return;
    for (uint32_t i = 0; i < m; i++) {
        char text[12];
        snprintf(text, sizeof text, "%u", i);
        add(d, "embedding#", text, strlen(text), (float)(y[i] / sqrt(square)));
    }
}

/* ---- text --------------------------------------------------------------- */

static void add_words(struct derived *d, const struct card_words *words)
{
    if (words->n == 0)
        return;
    float weight = (float)(1 / sqrt((double)words->n));
    for (uint32_t i = 0; i < words->n; i++) {
        char text[12];
        snprintf(text, sizeof text, "%u", words->bucket[i]);
        add(d, "text=", text, strlen(text), weight);
    }
}

static bool is_shown_only(const struct card_field *f)
{
    return f->name_len == 5 && memcmp(f->name, "title", 5) == 0;
}

void card_features(const struct card_rules *rules, enum card_owner owner,
                   unsigned char *dst, size_t *n)
{
    static const enum card_kind order[] = {CARD_CATEGORY, CARD_NUMBER, CARD_TAG,
                                           CARD_EMBEDDING, CARD_TEXT};
    struct derived d = {.rules = rules, .dst = dst, .n = n,
                        .prefix = owner == CARD_OF_USER ? "user:" : ""};
    struct card_words words = {.buckets = rules->text_buckets};
    size_t given = *n;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const unsigned char *p = dst;
        struct card_field f;
        while (card_next(&p, dst + given, &f)) {
            if (f.kind != order[i])
                continue;
            if (f.kind == CARD_NUMBER)
                add_number(&d, &f);
            else if (f.kind == CARD_EMBEDDING)
                add_embedding(&d, &f);
            else if (f.kind == CARD_TEXT && !is_shown_only(&f))
                card_words_add(&words, (const char *)f.value, f.value_len);
            else if (f.kind != CARD_TEXT)
                add_label(&d, &f);
        }
    }
    add_words(&d, &words);
}
