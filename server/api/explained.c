/* explained.c -- see explained.h. */
#include "server/api/explained.h"

#include "model/core/ids.h"
#include "proto/explain.h"

void explained_write(struct buf *out, const struct live *live,
                     const struct explanation *e)
{
    const struct ids *items = live_item_ids(live);
    const struct ids *features = live_feature_ids(live);
    explain_parts(out);
    for (uint32_t i = 0; i < e->nparts; i++) {
        const struct explain_part *p = &e->part[i];
        struct id name = {NULL, 0};
        if (p->feature != ROW_NONE)
            name = ids_name(features, p->feature);
        explain_part(out, i == 0, explain_kind_name(p->kind), name, p->value);
    }
    explain_because(out);
    for (uint32_t i = 0; i < e->npast; i++)
        explain_past_item(out, i == 0, ids_name(items, e->past[i].item),
                          e->past[i].similarity, e->past[i].pull);
    explain_done(out);
}
