/* fold_internal.h -- what a fold is made of, for the files that are the fold:
 * fold.c (ratings) and control.c (everything else).
 */
#ifndef FRESHET_MODEL_LEARN_FOLD_INTERNAL_H
#define FRESHET_MODEL_LEARN_FOLD_INTERNAL_H

#include "model/learn/fold.h"
#include "model/learn/history.h"
#include "model/learn/picks.h"
#include "model/learn/quality.h"
#include "model/learn/step.h"
#include "model/learn/step_table.h"

struct fold {
    struct settings s;
    struct live *live;              /* borrowed */
    struct step_table steps;
    struct step_decay decay;
    struct history *history;        /* NULL when replay is off */
    float replay_rate;
    float init_scale;               /* of the integer sum of uniforms */
    uint64_t seen_hash;             /* commutative, over all lists */
    uint64_t seen_bytes;
    struct step_room room;          /* scratch of a step */
    struct quality *quality;        /* reports, of which nothing is learned */
    struct picks picks;             /* not state: a pure function of seq and
                                       the history */
};

/* Takes what depends on f->s from it anew.  False: no memory. */
bool fold_derive(struct fold *f);

#endif
