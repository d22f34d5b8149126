/* snapshot_load.h -- the parts of the state (learn/state.h), each from its
 * tensors into a model.  For snapshot_read.c; boot only.
 *
 * Every number that stands for a row, a length or a seq is checked before it is
 * used.  Whether they are the numbers that were saved, the hash tells at last.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_LOAD_H
#define FRESHET_MODEL_STORE_SNAPSHOT_LOAD_H

#include "model/store/snapshot_source.h"

struct load {
    const struct snapshot_source *source;
    const struct snapshot_info *info;
    const struct snapshot_codec *codec;
    struct live *live;
    struct fold *fold;
    struct table *t;            /* the shadow, empty */
};

/* All parts in the order of the registry.  Between model_begin() and
 * model_publish(), which is needed even after an error: then the model's owner
 * can free what is there. */
enum err load_state(struct load *l) MUSTCHECK;

/* The rows' ids and births, then their columns; snapshot_load_rows.c. */
enum err load_rows(struct load *l) MUSTCHECK;

#endif
