/* picks.h -- which past ratings an event replays, their memory on its way.
 *
 * The j-th pick of event seq is place random_below(random_u64(seed,
 * RANDOM_REPLAY, seq, j), n) of the n entries that the history holds then (of
 * the positives: RANDOM_RANK_REPLAY).
 *
 * DESIGN  A pick meets cold memory twice, one after the other: its entry, and
 * the rows that the entry names.  The random numbers depend on seq and j alone,
 * so they are drawn ahead of their turn, past the end of the event: PICKS_FAR
 * picks ahead the entry is sent for, PICKS_NEAR ahead its rows.  Which entry
 * that is depends on n too, which is guessed and corrected after each event.  A
 * wrong guess costs time and nothing else: what is picked is worked out again
 * when its turn has come.
 *
 * Inline, as the steps are.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_PICKS_H
#define FRESHET_MODEL_LEARN_PICKS_H

#include "model/core/random.h"
#include "model/learn/history.h"
#include "model/learn/rank_step.h"
#include "model/learn/step.h"

#define PICKS_FAR  16u
#define PICKS_NEAR 8u
#define PICKS_RING 32u  /* a power of two, above PICKS_FAR */

struct picks {
    const struct history *history;   /* borrowed */
    const struct history_entry *entry;
    uint64_t seed;
    enum random_kind kind;           /* RANDOM_REPLAY or RANDOM_RANK_REPLAY */
    uint32_t per_event;
    uint32_t cap;                    /* of the history */
    uint32_t at;                     /* the next pick's place in the ring */
    uint64_t seq;                    /* the event that it belongs to */
    uint32_t n;                      /* entries in the history then, */
    uint32_t growth;                 /* more with each event after: a guess */
    uint64_t far_seq;                /* the pick PICKS_FAR behind that: */
    uint32_t far_pick;               /* its event, its number there */
    uint64_t random[PICKS_RING];
    uint32_t place[PICKS_RING];      /* by the guess */
};

/* The history's capacity or per_event has changed, or all is new. */
void picks_init(struct picks *p, const struct history *history, uint64_t seed,
                uint32_t per_event);

/* The next picks are those of event seq: so they are already, unless events
 * were left out or entries taken out. */
void picks_restart(struct picks *p, uint64_t seq);
static inline void picks_seek(struct picks *p, uint64_t seq)
{
    if (p->seq != seq || p->n != history_count(p->history))
        picks_restart(p, seq);
}

/* What n will be `events` later. */
static inline uint32_t picks_guess(const struct picks *p, uint64_t events)
{
    uint64_t n = p->n + events * p->growth;
    return n < p->cap ? (uint32_t)n : p->cap;
}

/* Draws the pick PICKS_FAR behind the next one and sends for its entry. */
static inline void picks_draw(struct picks *p)
{
    uint32_t i = (p->at + PICKS_FAR) % PICKS_RING;
    uint32_t n = picks_guess(p, p->far_seq - p->seq);
    p->random[i] = random_u64(p->seed, p->kind, p->far_seq, p->far_pick);
    p->place[i] = random_below(p->random[i], n);
    __builtin_prefetch(&p->entry[p->place[i]].user);
    __builtin_prefetch(&p->entry[p->place[i]].inner); // the next line, maybe
    if (++p->far_pick == p->per_event) {
        p->far_pick = 0;
        p->far_seq++;
    }
}

/* The rows of a pick are sent for. */
static inline __attribute__((always_inline)) void
picks_expect(const struct picks *p, const struct table *t,
             const struct history_entry *e)
{
    if (p->kind == RANDOM_REPLAY)
        step_expect(t, e->user, e->item);
    else
        rank_expect(t, e->user, e->item);
}

/* The next pick of the event.  The history is not empty; t is where the pick
 * will be learned. */
static inline const struct history_entry *picks_next(struct picks *p,
                                                     const struct table *t)
{
    const struct history_entry *near =
        &p->entry[p->place[(p->at + PICKS_NEAR) % PICKS_RING]];
    picks_draw(p);
    picks_expect(p, t, near);
    uint64_t r = p->random[p->at++ % PICKS_RING];
    return &p->entry[random_below(r, p->n)];
}

/* The event's picks are taken and the event is in the history. */
void picks_correct(struct picks *p, const struct table *t);
static inline void picks_end(struct picks *p, const struct table *t)
{
    uint32_t n = history_count(p->history), growth = n - p->n;
    bool right = growth == p->growth;
    if (p->n == 0)
        return; // nothing was taken: the next event restarts
    p->seq++;
    p->n = n;
    p->growth = growth;
    if (!right)
        picks_correct(p, t);
}

#endif
