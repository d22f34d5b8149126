/* topn.h -- the best so many of a great many: a heap that keeps them.
 *
 * Order: key falling, then external id rising by bytes, so that equal keys
 * always come in one order and pages never overlap.  The heap's root is the
 * worst of those kept, so nearly all are turned away by one comparison.
 *
 * Any thread, one at a time, with a pinned table.
 */
#ifndef FRESHET_MODEL_RANK_TOPN_H
#define FRESHET_MODEL_RANK_TOPN_H

#include <stdbool.h>

#include "model/types.h"

struct ids;

struct topn_entry {
    double key;              /* not NaN */
    uint32_t row;
};

/* Zero-initialise; topn_release(). */
struct topn {
    const struct ids *ids;   /* the rows' names */
    struct topn_entry *at;   /* (n) a heap, or after topn_sort() the list */
    uint32_t n;
    uint32_t cap;            /* how many are kept */
    uint32_t room;           /* entries allocated */
};
void topn_release(struct topn *h);

/* Empty, to keep `cap`.  False: no memory. */
bool topn_begin(struct topn *h, const struct ids *ids, uint32_t cap);

/* Would it be kept now?  Said again of the same offer later, "no" stays no. */
bool topn_close_call(const struct topn *h, double key, uint32_t row);
static inline bool topn_wants(const struct topn *h, double key, uint32_t row)
{
    if (h->n < h->cap)
        return true;
    if (h->cap == 0 || key < h->at[0].key)
        return false;
    return key > h->at[0].key || topn_close_call(h, key, row);
}

/* Keeps one that is wanted; the worst goes when there is no room. */
void topn_keep(struct topn *h, double key, uint32_t row);

/* From the best to the worst.  Nothing more can be kept. */
void topn_sort(struct topn *h);

#endif
