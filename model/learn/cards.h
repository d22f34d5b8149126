/* cards.h -- metadata of items and users in the model: another card takes the
 * place of the old, and its FEATURE fields get rows of the features table.
 *
 * A card of an id without a row makes the row, so that an item is known, and can
 * be predicted and recommended by its features, before its first event.  A new
 * feature's vectors start like those of a row (fold.h).  A feature that has no
 * room (a full table) is left out of the card and counted as skipped; with
 * learn.item_features (or user_features) off all of them are left out.
 *
 * DESIGN  A card is one immutable block that both copies of a row point to; who
 * replaces it retires it.  Which features a card has is looked up once, here.
 */
#ifndef FRESHET_MODEL_LEARN_CARDS_H
#define FRESHET_MODEL_LEARN_CARDS_H

#include <stdbool.h>

#include "model/core/live.h"

struct fold;
struct event;

/* Of all cards of the users, or of the items. */
struct card_sums {
    uint64_t hash;       /* commutative: of the key and the bytes of each */
    uint64_t bytes;      /* of cards, as snapshots have them */
    uint64_t memory;     /* of their blocks */
};

/* Trainer only.  item_put, user_put, item_delete. */
void cards_event(struct fold *f, struct table *t, const struct event *e,
                 uint64_t seq);

/* Trainer only.  The user's card goes: an erasure. */
void cards_forget_user(struct fold *f, struct table *t, uint32_t user);

/* Boot only.  The row of the shadow, which has none, gets this card; its features
 * are all there.  ERR_NOMEM; ERR_RANGE: a feature is not there. */
enum err cards_restore_user(struct fold *f, struct table *t, uint32_t user,
                            const unsigned char *bytes, size_t n) MUSTCHECK;
enum err cards_restore_item(struct fold *f, struct table *t, uint32_t item,
                            const unsigned char *bytes, size_t n) MUSTCHECK;

/* Any thread.  What a card adds to the sum of hashes; key: of the row's id. */
uint64_t cards_hash_user(uint64_t key, const struct card *c);
uint64_t cards_hash_item(uint64_t key, const struct card *c);

#endif
