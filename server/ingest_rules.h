/* ingest_rules.h -- the rules of what comes in that are options in words:
 * items.* and events.types.  Plain data, const once it is set. */
#ifndef FRESHET_SERVER_INGEST_RULES_H
#define FRESHET_SERVER_INGEST_RULES_H

#include "config/config.h"
#include "proto/behaviour_kinds.h"
#include "proto/card_features.h"

struct ingest_rules {
    struct card_rules cards;
    struct behaviour_kinds kinds;
};

/* Boot only.  False: `error` names the option and says what is wrong. */
bool ingest_rules_set(struct ingest_rules *rules, const struct config *cfg,
                      char error[CONFIG_ERROR_MAX]) MUSTCHECK;

#endif
