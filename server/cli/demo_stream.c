/* demo_stream.c -- see demo_stream.h. */
#include "server/cli/demo_stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_MAX  32
#define LOWEST  1.0
#define HIGHEST 5.0
#define STEP    0.5

struct demo_stream {
    uint64_t seed, state;
    double mood[DEMO_USERS], liking[DEMO_USERS][DEMO_TASTES];
    double quality[DEMO_ITEMS], taste[DEMO_ITEMS][DEMO_TASTES];
    char user[DEMO_USERS][ID_MAX], item[DEMO_ITEMS][ID_MAX];
};

static const char *const people[] = {
    "ada",   "amir", "anna", "bela", "carl", "chen", "dana",  "emil",
    "erik",  "fatu", "finn", "gita", "hugo", "ines", "ivan",  "jana",
    "jomo",  "kaia", "kofi", "lars", "lena", "mira", "nils",  "olga",
    "pablo", "rosa", "sami", "tara", "umar", "vera"};
static const char *const firsts[] = {
    "the-last",  "a-quiet",  "beyond-the", "the-iron",  "the-glass",
    "the-lost",  "seven",    "the-paper",  "midnight",  "the-silent",
    "return-to", "a-second", "the-hidden", "northern",  "the-crimson",
    "an-early",  "the-salt", "farewell",   "the-amber", "one-more"};
static const char *const seconds[] = {"river",   "harbour", "garden", "signal",
                                      "station", "orchard", "voyage", "mirror",
                                      "winter",  "machine"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- chance ------------------------------------------------------------- */

/* SplitMix64 */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* In [0, 1). */
static double uniform(struct demo_stream *s)
{
    s->state += 0x9e3779b97f4a7c15u;
    return (double)(mix(s->state) >> 11) * 0x1p-53;
}

/* Box and Muller. */
static double normal(struct demo_stream *s)
{
    double radius = sqrt(-2 * log(1 - uniform(s)));
    return radius * cos(6.283185307179586 * uniform(s));
}

/* The chance that a standard normal is below x. */
static double normal_below(double x)
{
    return 0.5 * erfc(-x * 0.7071067811865476);
}

/* Skewed: the chance of 0..k-1 is (k / n)^(2/3). */
static uint32_t pick(struct demo_stream *s, uint32_t n)
{
    double x = uniform(s);
    return (uint32_t)(x * sqrt(x) * n);
}

static double pick_chance(uint32_t k, uint32_t n)
{
    return pow((k + 1.0) / n, 2.0 / 3) - pow((double)k / n, 2.0 / 3);
}

/* ---- the structure ------------------------------------------------------ */

struct demo_stream *demo_stream_new(uint64_t seed)
{
    struct demo_stream *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->seed = s->state = seed;
    for (unsigned u = 0; u < DEMO_USERS; u++) {
        s->mood[u] = 0.35 * normal(s);
        for (int k = 0; k < DEMO_TASTES; k++)
            s->liking[u][k] = normal(s);
        snprintf(s->user[u], ID_MAX, "%s-%u", people[u % COUNT(people)],
                 u / (unsigned)COUNT(people) + 1);
    }
    for (unsigned i = 0; i < DEMO_ITEMS; i++) {
        s->quality[i] = 0.5 * normal(s);
        for (int k = 0; k < DEMO_TASTES; k++)
            s->taste[i][k] = 0.4 * normal(s);
        // each round of firsts shifts the seconds by one: no title twice
        snprintf(s->item[i], ID_MAX, "%s-%s", firsts[i % COUNT(firsts)],
                 seconds[(7 * i + i / COUNT(firsts)) % COUNT(seconds)]);
    }
    return s;
}

void demo_stream_free(struct demo_stream *s)
{
    free(s);
}

bool demo_stream_rates(const struct demo_stream *s, uint32_t user,
                       uint32_t item)
{
    return mix(s->seed ^ ((uint64_t)user << 32 | (item + 1))) % 5 >= 2;
}

/* Without noise, rounding and cutting. */
static double truth(const struct demo_stream *s, uint32_t user, uint32_t item)
{
    double x = 3.4 + s->mood[user] + s->quality[item];
    for (int k = 0; k < DEMO_TASTES; k++)
        x += s->liking[user][k] * s->taste[item][k];
    return x;
}

static double rounded(double x)
{
    x = floor(x / STEP + 0.5) * STEP;
    return x < LOWEST ? LOWEST : x > HIGHEST ? HIGHEST : x;
}

/* Mean and variance of rounded(truth + noise): over the nine values it takes,
 * each with the chance that the noise leads there. */
static void moments(const struct demo_stream *s, uint32_t user, uint32_t item,
                    double *mean, double *variance)
{
    double x = truth(s, user, item), below = 0, sum = 0, squares = 0;
    for (double v = LOWEST; v <= HIGHEST; v += STEP) {
        double up_to = v == HIGHEST ? 1
                     : normal_below((v + STEP / 2 - x) / DEMO_NOISE);
        sum += v * (up_to - below);
        squares += v * v * (up_to - below);
        below = up_to;
    }
    *mean = sum;
    *variance = squares - sum * sum;
}

double demo_stream_expected(const struct demo_stream *s, uint32_t user,
                            uint32_t item)
{
    double mean, variance;
    moments(s, user, item, &mean, &variance);
    return mean;
}

double demo_stream_best(const struct demo_stream *s)
{
    double chance[DEMO_ITEMS], total = 0;
    for (uint32_t i = 0; i < DEMO_ITEMS; i++)
        chance[i] = pick_chance(i, DEMO_ITEMS);
    for (uint32_t u = 0; u < DEMO_USERS; u++) {
        double weights = 0, squared = 0, mean, variance;
        for (uint32_t i = 0; i < DEMO_ITEMS; i++) {
            if (!demo_stream_rates(s, u, i))
                continue;
            moments(s, u, i, &mean, &variance);
            weights += chance[i];
            squared += chance[i] * variance;
        }
        total += pick_chance(u, DEMO_USERS) * squared / weights;
    }
    return sqrt(total);
}

/* ---- the stream --------------------------------------------------------- */

const char *demo_stream_user(const struct demo_stream *s, uint32_t user)
{
    return s->user[user];
}

const char *demo_stream_item(const struct demo_stream *s, uint32_t item)
{
    return s->item[item];
}

struct rating demo_stream_next(struct demo_stream *s)
{
    uint32_t u = pick(s, DEMO_USERS), i;
    do
        i = pick(s, DEMO_ITEMS);
    while (!demo_stream_rates(s, u, i));
    double value = rounded(truth(s, u, i) + DEMO_NOISE * normal(s));
    return (struct rating){
        .user = {s->user[u], (uint32_t)strlen(s->user[u])},
        .item = {s->item[i], (uint32_t)strlen(s->item[i])},
        .value = (float)value, .time_ms = TIME_UNSET};
}

void demo_stream_example(const struct demo_stream *s, uint32_t *user,
                         uint32_t *item)
{
    *user = 0;
    *item = 0;
    while (*item + 1 < DEMO_ITEMS && demo_stream_rates(s, *user, *item))
        ++*item;
}
