/* picks.c -- see picks.h. */
#include "model/learn/picks.h"

void picks_init(struct picks *p, const struct history *history, uint64_t seed,
                uint32_t per_event)
{
    p->history = history;
    p->entry = history_entries(history);
    p->seed = seed;
    p->kind = history_kind_of(history) == HISTORY_RATINGS ? RANDOM_REPLAY
                                                          : RANDOM_RANK_REPLAY;
    p->per_event = per_event;
    p->cap = history_cap(history);
    p->growth = 1;
    picks_restart(p, 0);
}

void picks_restart(struct picks *p, uint64_t seq)
{
    p->seq = p->far_seq = seq;
    p->far_pick = 0;
    p->n = history_count(p->history);
    p->at -= PICKS_FAR;
    for (uint32_t i = 0; i < PICKS_FAR; i++, p->at++)
        picks_draw(p);
}

/* n does not grow as it did: sends for rows of the next PICKS_NEAR whose places
 * are others now. */
void picks_correct(struct picks *p, const struct table *t)
{
    uint32_t event = 0, pick = 0;
    for (uint32_t k = 0; k < PICKS_NEAR; k++) {
        uint32_t i = (p->at + k) % PICKS_RING;
        uint32_t place = random_below(p->random[i], picks_guess(p, event));
        if (place != p->place[i]) {
            p->place[i] = place;
            picks_expect(p, t, &p->entry[place]);
        }
        if (++pick == p->per_event) {
            pick = 0;
            event++;
        }
    }
}
