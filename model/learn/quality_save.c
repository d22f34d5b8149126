/* quality_save.c -- see quality_save.h. */
#include "model/learn/quality_save.h"

#include <math.h>
#include <string.h>

#define HEAD_WORDS   4
#define SUMS_WORDS   (sizeof(struct quality_sums) / sizeof(uint64_t))
#define MINUTE_WORDS (sizeof(struct quality_minute) / sizeof(uint64_t))
#define FIXED_WORDS  (HEAD_WORDS + (1 + QUALITY_BLOCKS) * SUMS_WORDS)

/* Every field has 8 bytes: the structs are words without holes. */
_Static_assert(SUMS_WORDS == 3 * 5 + 1 + 2 * 3, "sums have padding");
_Static_assert(MINUTE_WORDS == SUMS_WORDS + 1, "a minute has padding");

/* ---- to words ----------------------------------------------------------- */

static uint32_t curve_used(const struct quality_state *s)
{
    uint32_t n = QUALITY_CURVE;
    while (n > 0 && quality_is_empty(&s->curve[n - 1]))
        n--;
    return n;
}

static uint32_t minutes_used(const struct quality_state *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < QUALITY_MINUTES; i++)
        n += !quality_is_empty(&s->minutes[i].sums);
    return n;
}

size_t quality_words(const struct quality_state *s)
{
    return FIXED_WORDS + curve_used(s) * SUMS_WORDS +
           minutes_used(s) * MINUTE_WORDS;
}

static uint64_t *put(uint64_t *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
    return to + bytes / sizeof *to;
}

void quality_save(const struct quality_state *s, uint64_t *words)
{
    uint32_t curve = curve_used(s);
    words[0] = QUALITY_VERSION;
    words[1] = s->width;
    words[2] = curve;
    words[3] = minutes_used(s);
    uint64_t *at = put(words + HEAD_WORDS, &s->overall, sizeof s->overall);
    at = put(at, s->recent, sizeof s->recent);
    at = put(at, s->curve, curve * sizeof *s->curve);
    for (uint32_t i = 0; i < QUALITY_MINUTES; i++)
        if (!quality_is_empty(&s->minutes[i].sums))
            at = put(at, &s->minutes[i], sizeof s->minutes[i]);
}

/* ---- and back ----------------------------------------------------------- */

static bool errors_ok(const struct quality_errors *e)
{
    return isfinite(e->squared) && isfinite(e->absolute) &&
           isfinite(e->mean_squared) && isfinite(e->mean_absolute);
}

static bool places_ok(const struct quality_places *p, uint64_t n)
{
    return p->hits <= n && isfinite(p->ndcg) && isfinite(p->reciprocal);
}

static bool sums_ok(const struct quality_sums *s)
{
    return errors_ok(&s->all) && errors_ok(&s->cold_items) &&
           errors_ok(&s->cold_users) &&
           places_ok(&s->ranks.model, s->ranks.n) &&
           places_ok(&s->ranks.popular, s->ranks.n);
}

/* Words to n sums, each of which has to make sense. */
static bool take_sums(const uint64_t *words, struct quality_sums *to, size_t n)
{
    memcpy(to, words, n * sizeof *to);
    for (size_t i = 0; i < n; i++)
        if (!sums_ok(&to[i]))
            return false;
    return true;
}

bool quality_load(const uint64_t *words, size_t n, struct quality_state *out)
{
    memset(out, 0, sizeof *out);
    if (n < FIXED_WORDS || words[0] != QUALITY_VERSION || words[1] == 0 ||
        (words[1] & (words[1] - 1)) != 0 || words[2] > QUALITY_CURVE ||
        words[3] > QUALITY_MINUTES ||
        n != FIXED_WORDS + words[2] * SUMS_WORDS + words[3] * MINUTE_WORDS)
        return false;
    out->width = words[1];
    const uint64_t *at = words + HEAD_WORDS;
    if (!take_sums(at, &out->overall, 1) ||
        !take_sums(at + SUMS_WORDS, out->recent, QUALITY_BLOCKS) ||
        !take_sums(words + FIXED_WORDS, out->curve, words[2]))
        return false;
    at = words + FIXED_WORDS + words[2] * SUMS_WORDS;
    for (uint64_t i = 0; i < words[3]; i++, at += MINUTE_WORDS) {
        struct quality_minute m;
        memcpy(&m, at, sizeof m);
        if (!sums_ok(&m.sums))
            return false;
        out->minutes[quality_minute_place(m.minute)] = m;
    }
    return true;
}
