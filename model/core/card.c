/* card.c -- see card.h. */
#include "model/core/card.h"

#include <math.h>
#include <string.h>

#include "model/core/bytes.h"

bool card_next(const unsigned char **p, const unsigned char *end,
               struct card_field *f)
{
    const unsigned char *at = *p;
    if (end - at < (ptrdiff_t)CARD_FIELD_HEAD)
        return false;
    f->kind = (enum card_kind)at[0];
    f->name_len = at[1];
    f->value_len = get_u16(at + 2);
    at += CARD_FIELD_HEAD;
    if ((size_t)(end - at) < (size_t)f->name_len + f->value_len)
        return false;
    f->name = (const char *)at;
    f->value = at + f->name_len;
    *p = f->value + f->value_len;
    return true;
}

static bool finite_floats(const unsigned char *p, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 4)
        if (!isfinite(get_f32(p + i)))
            return false;
    return true;
}

static bool field_ok(const struct card_field *f)
{
    bool named = f->name_len > 0;
    switch (f->kind) {
    case CARD_CATEGORY:
    case CARD_TAG:
        return !named && f->value_len > 0;
    case CARD_NUMBER:
        return named && f->value_len == 8 && isfinite(card_number(f));
    case CARD_TEXT:
        return named;
    case CARD_EMBEDDING:
        return !named && f->value_len > 0 && f->value_len % 4 == 0 &&
               finite_floats(f->value, f->value_len);
    case CARD_FROM:
    case CARD_UNTIL:
        return !named && f->value_len == 8;
    case CARD_HIDDEN:
    case CARD_DELETED:
        return !named && f->value_len == 0;
    case CARD_FEATURE:
        return named && f->value_len == 4 &&
               finite_floats(f->value, f->value_len);
    }
    return false;
}

bool card_ok(const unsigned char *p, size_t n)
{
    const unsigned char *end = p + n;
    struct card_field f;
    unsigned kind = 0, features = 0;
    if (n > CARD_BYTES_MAX)
        return false;
    while (p < end) {
        if (!card_next(&p, end, &f) || f.kind < kind || !field_ok(&f))
            return false;
        if (f.kind == kind && (kind == CARD_EMBEDDING || kind == CARD_FROM ||
                               kind == CARD_UNTIL || kind == CARD_HIDDEN))
            return false; // there is one of these
        kind = f.kind;
        features += kind == CARD_FEATURE;
    }
    return features <= CARD_FEATURES_MAX;
}

bool card_put(unsigned char *dst, size_t room, size_t *n,
              const struct card_field *f)
{
    size_t more = CARD_FIELD_HEAD + (size_t)f->name_len + f->value_len;
    unsigned char *to = dst + *n;
    if (f->name_len > 255 || f->value_len > UINT16_MAX || *n > room ||
        more > room - *n)
        return false;
    to[0] = (unsigned char)f->kind;
    to[1] = (unsigned char)f->name_len;
    put_u16(to + 2, (uint16_t)f->value_len);
    to += CARD_FIELD_HEAD;
    if (f->name_len)
        memcpy(to, f->name, f->name_len);
    if (f->value_len)
        memcpy(to + f->name_len, f->value, f->value_len);
    *n += more;
    return true;
}

bool card_find(const unsigned char *p, size_t n, enum card_kind kind,
               struct card_field *f)
{
    const unsigned char *end = p + n;
    while (card_next(&p, end, f))
        if (f->kind == kind)
            return true;
    return false;
}

double card_number(const struct card_field *f)
{
    uint64_t bits = get_u64(f->value);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

int64_t card_time(const struct card_field *f)
{
    return (int64_t)get_u64(f->value);
}

float card_weight(const struct card_field *f)
{
    return get_f32(f->value);
}
