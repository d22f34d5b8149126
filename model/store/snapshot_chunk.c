/* snapshot_chunk.c -- see snapshot_chunk.h. */
#include "model/store/snapshot_chunk.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_ROWS 2048u

static bool is_plain(const struct column *c)
{
    return c->type < TENSOR_TYPES;
}

bool chunk_init(struct chunk *c, const struct stream *s)
{
    const struct plan *p = &s->file->plan;
    size_t bytes = 0;
    for (size_t i = 0; i < c->ncolumns; i++) {
        bytes += column_width(&c->columns[i], p->dims);
        if (is_plain(&c->columns[i]))
            c->tensor[i] = plan_find_column(p, c->entity, c->columns[i].name);
        if (c->columns[i].type != COLUMN_CARDS)
            continue;
        c->tensor[i] = plan_find_column(p, c->entity, "card_bytes");
        c->card_end = plan_find_column(p, c->entity, "card_end");
    }
    c->birth = plan_find_column(p, c->entity, "birth");
    c->most = (uint32_t)(CHUNK_BYTES / bytes);
    if (c->most > CHUNK_ROWS)
        c->most = CHUNK_ROWS;
    if (s->chunk_rows && s->chunk_rows < c->most)
        c->most = s->chunk_rows;
    c->most += c->most == 0;
    c->per_pin = (uint32_t)(PIN_BYTES / bytes) + 1;
    c->words = malloc(c->most * sizeof *c->words);
    c->memory = malloc(c->most * bytes + c->ncolumns * 8);
    if (!c->words || !c->memory)
        return false;
    char *at = c->memory;
    for (size_t i = 0; i < c->ncolumns; i++) {
        column_set(&c->columns[i], c->view, at);
        at += (c->most * column_width(&c->columns[i], p->dims) + 7) &
              ~(size_t)7;
    }
    return true;
}

void chunk_release(struct chunk *c)
{
    free(c->words);
    free(c->memory);
    free(c->cards);
}

void chunk_copy(struct chunk *c, const void *from, struct dims dims, uint32_t a,
                uint32_t at, uint32_t n)
{
    for (size_t i = 0; i < c->ncolumns; i++)
        if (column_is_kept(&c->columns[i]))
            memcpy(column_row(&c->columns[i], c->view, dims, at),
                   column_row(&c->columns[i], from, dims, a),
                   n * column_width(&c->columns[i], dims));
}

/* The cards of the chunk's n rows, whose blocks stay until the snapshot has
 * ended (reclaim_hold). */
static enum err cards_put(struct chunk *c, struct stream *s, size_t tensor,
                          struct card *const *card, uint32_t n)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        bytes += card[i] ? card[i]->bytes : 0;
        c->words[i] = c->cards_total + bytes;
    }
    if (bytes > c->cards_room) {
        free(c->cards);
        c->cards = malloc(bytes);
        c->cards_room = c->cards ? bytes : 0;
        if (!c->cards)
            return ERR_NOMEM;
    }
    unsigned char *to = c->cards;
    for (uint32_t i = 0; i < n; i++) {
        if (!card[i])
            continue;
        memcpy(to, table_card_bytes(card[i]), card[i]->bytes);
        to += card[i]->bytes;
    }
    c->cards_total += bytes;
    enum err err = snapshot_file_put(s->file, tensor, c->cards, bytes);
    return err != ERR_OK ? err
                         : snapshot_file_put(s->file, c->card_end, c->words,
                                             n * sizeof *c->words);
}

static enum err column_put(struct chunk *c, struct stream *s, size_t i,
                           uint32_t n)
{
    struct dims dims = s->file->plan.dims;
    const struct column *column = &c->columns[i];
    const void *first = column_row(column, c->view, dims, 0);
    if (column->type == COLUMN_LISTS || column->type == COLUMN_DERIVED)
        return ERR_OK;
    if (column->type == COLUMN_CARDS)
        return cards_put(c, s, c->tensor[i], first, n);
    return snapshot_file_put(s->file, c->tensor[i], first,
                             n * column_width(column, dims));
}

enum err chunk_put(struct chunk *c, struct stream *s, const struct ids *ids,
                   uint32_t a, uint32_t n)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < c->ncolumns && err == ERR_OK; i++)
        err = column_put(c, s, i, n);
    for (uint32_t i = 0; i < n; i++)
        c->words[i] = ids_birth(ids, a + i);
    if (err == ERR_OK)
        err = snapshot_file_put(s->file, c->birth, c->words,
                                n * sizeof *c->words);
    return err;
}
