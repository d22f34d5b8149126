/* metadata.c -- GET /v1/items/{id}, GET /v1/users/{id}: what the serving copy
 * holds.
 *
 * A card may be large, and JSON takes its time: its bytes are copied while the
 * copy is pinned, and written when it is let go again.
 */
#include "model/core/card.h"
#include "model/core/ids.h"
#include "proto/card_json.h"
#include "server/api/api.h"

/* An item that was deleted has a card that says so. */
static bool is_deleted(const struct buf *card)
{
    struct card_field f;
    return card_find((const unsigned char *)card->p, card->len, CARD_DELETED,
                     &f);
}

static void copy_card(struct buf *out, const struct card *card)
{
    if (card)
        buf_put(out, table_card_bytes(card), card->bytes);
}

static void reply(struct request *r, struct card_answer *a, bool known,
                  struct buf *card)
{
    struct buf *out = &r->w->body;
    a->id = (struct id){r->id, r->id_len};
    a->card = (const unsigned char *)card->p;
    a->n = card->len;
    buf_clear(out);
    if (known && !card->failed)
        card_json_write(out, a);
    if (card->failed || out->failed)
        request_fail(r, FAIL_busy, NULL);
    else if (!known || is_deleted(card))
        request_fail(r, a->owner == CARD_OF_ITEM ? FAIL_unknown_item
                                                 : FAIL_unknown_user, NULL);
    else
        request_reply_json(r, 200, out);
    buf_release(card);
}

void api_item(struct request *r)
{
    struct worker *w = r->w;
    struct card_answer a = {.owner = CARD_OF_ITEM};
    struct buf card = {0};
    const struct table *t = live_pin(w->live, w->index);
    uint32_t row = ids_find(live_item_ids(w->live),
                            (struct id){r->id, r->id_len}, t->items.n);
    if (row != ROW_NONE) {
        a.ratings = t->items.count[row];
        a.positives = t->items.positives[row];
        copy_card(&card, t->items.card[row]);
    }
    a.model_seq = t->totals.seq;
    live_unpin(w->live, w->index);
    reply(r, &a, row != ROW_NONE, &card);
}

void api_user(struct request *r)
{
    struct worker *w = r->w;
    struct card_answer a = {.owner = CARD_OF_USER};
    struct buf card = {0};
    const struct table *t = live_pin(w->live, w->index);
    uint32_t row = ids_find(live_user_ids(w->live),
                            (struct id){r->id, r->id_len}, t->users.n);
    if (row != ROW_NONE) {
        a.ratings = t->users.count[row];
        a.positives = t->users.positives[row];
        copy_card(&card, t->users.card[row]);
    }
    a.model_seq = t->totals.seq;
    live_unpin(w->live, w->index);
    reply(r, &a, row != ROW_NONE, &card);
}
