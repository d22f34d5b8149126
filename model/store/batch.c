/* batch.c -- see batch.h. */
#include "model/store/batch.h"

#include <stdlib.h>

struct batch *batch_new(size_t cap)
{
    struct batch *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->owner = -1;
    b->data = malloc(cap ? cap : 1);
    b->cap = cap;
    if (!b->data) {
        free(b);
        return NULL;
    }
    return b;
}

void batch_free(struct batch *b)
{
    if (!b)
        return;
    free(b->data);
    free(b);
}

enum err batch_add(struct batch *b, const struct event *e)
{
    size_t size = event_size(e);
    if (b->bytes + size > b->cap) {
        size_t cap = b->cap * 2 > b->bytes + size ? b->cap * 2
                                                  : b->bytes + size;
        unsigned char *data = realloc(b->data, cap);
        if (!data)
            return ERR_NOMEM;
        b->data = data;
        b->cap = cap;
    }
    b->bytes += event_encode(e, b->data + b->bytes);
    b->n++;
    return ERR_OK;
}
