/* snapshot_plan.h -- which tensors a snapshot has, of what form, and where they
 * lie.  For the files that write and read it.  Any thread, pure.
 *
 * Tensors of known length come first, those of 8-byte numbers before those of
 * 4, so that all are aligned.  Behind them lie the four whose length is known
 * when they have been written (`open`), in the order in which they are.  Each
 * byte of the data belongs to one tensor.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_PLAN_H
#define FRESHET_MODEL_STORE_SNAPSHOT_PLAN_H

#include <stdbool.h>

#include "model/core/table.h"
#include "model/store/snapshot.h"

#define PLAN_TOTALS_WORDS (sizeof(struct totals) / sizeof(uint64_t))

struct plan {
    struct dims dims;
    uint32_t users, items, features, history, positives;
    uint64_t user_card_bytes, item_card_bytes;
    uint64_t evaluation;    /* words; 0: there is no such tensor */
    struct mlp_shape mlp;
    size_t n;
    struct tensor tensor[SNAPSHOT_TENSORS_MAX];
    bool open[SNAPSHOT_TENSORS_MAX];
};

/* What stands before n is set; the rest follows from it and the registries of
 * table.h and state.h. */
void plan_make(struct plan *p);

/* The tensor of that name, or of that column of an entity ("users", "items").
 * It has to be there (asserted). */
size_t plan_find(const struct plan *p, const char *name);
size_t plan_find_column(const struct plan *p, const char *entity,
                        const char *column);

/* What a layer of the neural head is called: the entity of its tensors. */
#define PLAN_LAYER_MAX 16
void plan_layer(uint32_t layer, char name[PLAN_LAYER_MAX]);

/* The open tensor has this many elements: there it ends and the next begins. */
void plan_close(struct plan *p, size_t tensor, uint64_t elements);

/* Bytes of an element. */
size_t plan_size(enum tensor_type type);

#endif
