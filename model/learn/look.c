/* look.c -- see look.h. */
#include "model/learn/look.h"

#include "model/core/ids.h"
#include "model/learn/step.h"

/* What is no rating may have no ids, and what is guessed then does no harm. */
void look_ids(struct look *l, const struct live *live, const struct event *e)
{
    l->user_hash = l->item_hash = 0;
    if (e->type != EVENT_RATING && e->type != EVENT_BEHAVIOUR)
        return;
    l->user_hash = ids_expect(live_user_ids(live), e->user);
    l->item_hash = ids_expect(live_item_ids(live), e->item);
}

#define EXPECT_USER(name, type, per_row, hashed)                               \
    __builtin_prefetch(&t->users.name[l->user], 1);
#define EXPECT_ITEM(name, type, per_row, hashed)                               \
    __builtin_prefetch(&t->items.name[l->item], 1);

void look_rows(struct look *l, const struct live *live, const struct table *t,
               const struct history *history)
{
    l->user = ids_guess(live_user_ids(live), l->user_hash);
    l->item = ids_guess(live_item_ids(live), l->item_hash);
    if (l->user == ROW_NONE || l->item == ROW_NONE)
        return;
    step_expect(t, l->user, l->item);
    USER_EVENT_COLUMNS(EXPECT_USER)
    ITEM_EVENT_COLUMNS(EXPECT_ITEM)
    if (history)
        history_expect(history, l->user, l->item);
}

void look_lists(const struct look *l, const struct table *t,
                const struct history *history)
{
    if (l->user == ROW_NONE || l->item == ROW_NONE)
        return;
    const struct seen_list *seen = t->users.seen[l->user];
    if (seen) { // its head, and where the next item goes
        __builtin_prefetch(seen);
        __builtin_prefetch(&seen->item[t->users.nseen[l->user]], 1);
    }
    if (history)
        history_expect_entry(history, l->user, l->item);
}
