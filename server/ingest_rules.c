/* ingest_rules.c -- see ingest_rules.h. */
#include "server/ingest_rules.h"

#include <stdio.h>

bool ingest_rules_set(struct ingest_rules *rules, const struct config *cfg,
                      char error[CONFIG_ERROR_MAX])
{
    char why[CARD_RULES_ERROR_MAX > BEHAVIOUR_ERROR_MAX ? CARD_RULES_ERROR_MAX
                                                        : BEHAVIOUR_ERROR_MAX];
    if (!card_rules_set(&rules->cards, cfg->items_buckets,
                        (uint32_t)cfg->items_text_buckets,
                        (uint32_t)cfg->items_embedding_features, why)) {
        snprintf(error, CONFIG_ERROR_MAX, "items.buckets: %s", why);
        return false;
    }
    if (!behaviour_kinds_set(&rules->kinds, cfg->events_types, why)) {
        snprintf(error, CONFIG_ERROR_MAX, "events.types: %s", why);
        return false;
    }
    return true;
}
