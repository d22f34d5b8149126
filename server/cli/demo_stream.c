/* demo_stream.c -- see demo_stream.h. */
#include "server/cli/demo_stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const firsts[] = {
    "The Last", "A Quiet", "Beyond the", "The Iron", "Midnight", "The Glass",
    "Return to", "The Lost", "Seven", "The Paper", "Winter's", "The Silent"};
static const char *const seconds[] = {"River", "Harbour", "Garden", "Signal",
                                      "Station", "Orchard", "Voyage",
                                      "Mirror", "Winter", "Machine"};

/* SplitMix64 */
static uint64_t next_u64(struct demo_stream *s)
{
    uint64_t z = s->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double uniform(struct demo_stream *s)
{
    return (double)(next_u64(s) >> 11) * 0x1p-53;
}

/* Standard normal, near enough: the sum of twelve uniforms less six. */
static double normal(struct demo_stream *s)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += uniform(s);
    return sum;
}

void demo_stream_init(struct demo_stream *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->state = seed;
    for (int u = 0; u < DEMO_USERS; u++) {
        s->user_mood[u] = 0.35 * normal(s);
        for (int k = 0; k < DEMO_TASTES; k++)
            s->user_taste[u][k] = normal(s);
    }
    for (int i = 0; i < DEMO_ITEMS; i++) {
        s->item_quality[i] = 0.5 * normal(s);
        for (int k = 0; k < DEMO_TASTES; k++)
            s->item_taste[i][k] = 0.4 * normal(s);
    }
}

double demo_stream_truth(const struct demo_stream *s, uint32_t user,
                         uint32_t item)
{
    double x = 3.3 + s->user_mood[user] + s->item_quality[item];
    for (int k = 0; k < DEMO_TASTES; k++)
        x += s->user_taste[user][k] * s->item_taste[item][k];
    return x;
}

static double rate(struct demo_stream *s, uint32_t user, uint32_t item)
{
    double x = demo_stream_truth(s, user, item) + DEMO_NOISE * normal(s);
    x = floor(x * 2 + 0.5) / 2;
    return x < 1 ? 1 : x > 5 ? 5 : x;
}

static void pick(struct demo_stream *s, uint32_t *user, uint32_t *item)
{
    if (s->session_left == 0) {
        s->session_user = (uint32_t)(uniform(s) * DEMO_USERS);
        s->session_left = 1 + (uint32_t)(uniform(s) * 8);
    }
    s->session_left--;
    double x = uniform(s);
    *user = s->session_user;
    *item = (uint32_t)(x * x * DEMO_ITEMS); // the first are the popular ones
}

struct rating demo_stream_next(struct demo_stream *s)
{
    uint32_t user, item;
    pick(s, &user, &item);
    float value = (float)rate(s, user, item);
    snprintf(s->user, sizeof s->user, "user-%u", user);
    snprintf(s->item, sizeof s->item, "%s %s", firsts[item % 12],
             seconds[item / 12]);
    return (struct rating){{s->user, (uint32_t)strlen(s->user)},
                           {s->item, (uint32_t)strlen(s->item)},
                           value, TIME_UNSET};
}

double demo_stream_floor(uint64_t seed)
{
    struct demo_stream s;
    double squared = 0;
    int n = 20000;
    demo_stream_init(&s, seed);
    for (int i = 0; i < n; i++) {
        uint32_t user, item;
        pick(&s, &user, &item);
        double truth = demo_stream_truth(&s, user, item);
        double best = truth < 1 ? 1 : truth > 5 ? 5 : truth;
        double error = best - rate(&s, user, item);
        squared += error * error;
    }
    return sqrt(squared / n);
}
