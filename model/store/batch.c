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
    free(b->place);
    free(b);
}

static bool grow_bytes(struct batch *b, size_t size)
{
    if (b->bytes + size <= b->cap)
        return true;
    size_t cap = b->cap * 2 > b->bytes + size ? b->cap * 2 : b->bytes + size;
    unsigned char *data = realloc(b->data, cap);
    if (!data)
        return false;
    b->data = data;
    b->cap = cap;
    return true;
}

static bool grow_places(struct batch *b)
{
    if (b->n < b->nplaces)
        return true;
    uint32_t n = b->nplaces ? b->nplaces * 2 : 1;
    uint32_t *place = realloc(b->place, n * sizeof *place);
    if (!place)
        return false;
    b->place = place;
    b->nplaces = n;
    return true;
}

enum err batch_add(struct batch *b, const struct event *e, uint32_t place)
{
    if (!grow_bytes(b, event_size(e)) || !grow_places(b))
        return ERR_NOMEM;
    b->bytes += event_encode(e, b->data + b->bytes);
    b->named = b->named || e->event_id.len;
    b->place[b->n++] = place;
    return ERR_OK;
}
