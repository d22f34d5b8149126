/* card_set.h -- the metadata of a file of items or users, as events of the log.
 * One thread. */
#ifndef FRESHET_SERVER_CLI_CARD_SET_H
#define FRESHET_SERVER_CLI_CARD_SET_H

#include "config/config.h"
#include "model/model.h"
#include "proto/buf.h"
#include "proto/card_features.h"

struct card_set {
    size_t n;                    /* events, */
    struct buf frames;           /* ... back to back (store/event.h) */
};

/* Adds what path says.  Items: u.item, movies.csv, movies.dat, NDJSON as for
 * POST /v1/items (proto/item_card.h).  Users: u.user of MovieLens 100k
 * (id|age|gender|occupation|zip), NDJSON as for POST /v1/users.  cfg: the rules
 * that features are made by.  False: `error` says what. */
bool card_set_load(struct card_set *s, const char *path, enum card_owner owner,
                   const struct config *cfg, char error[512]);
void card_set_release(struct card_set *s);

/* Folds them as events seq + 1 .. seq + n, and publishes. */
void card_set_fold(const struct card_set *s, struct model *m, uint64_t seq);

#endif
