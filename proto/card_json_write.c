/* card_json_write.c -- JSON from cards; see card_json.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/bytes.h"
#include "proto/card_json.h"

/* An object being written: what has to stand before the next member. */
struct writing {
    struct buf *out;
    bool begun;
};

static void put_name(struct writing *w, const char *name)
{
    buf_printf(w->out, "%s\"%s\":", w->begun ? "," : "", name);
    w->begun = true;
}

static void put_string(struct buf *out, const struct card_field *f)
{
    buf_json_string(out, (const char *)f->value, f->value_len);
}

/* The fewest digits that read back as v. */
static void put_double(struct buf *out, double v)
{
    char text[32];
    int digits = 15;
    do
        snprintf(text, sizeof text, "%.*g", digits, v);
    while (strtod(text, NULL) != v && ++digits <= 17);
    buf_puts(out, text);
}

static void put_seconds(struct buf *out, int64_t ms)
{
    buf_int(out, ms / 1000);
    if (ms % 1000)
        buf_printf(out, ".%03d", abs((int)(ms % 1000)));
}

static void put_embedding(struct buf *out, const struct card_field *f)
{
    for (uint32_t i = 0; i < f->value_len; i += 4) {
        buf_putc(out, i ? ',' : '[');
        buf_float(out, get_f32(f->value + i));
    }
    buf_putc(out, ']');
}

static bool is_named(const struct card_field *f, const char *name)
{
    return f->name_len == strlen(name) &&
           memcmp(f->name, name, f->name_len) == 0;
}

/* Those of the two that have a member of their own. */
static bool is_member(const struct card_field *f)
{
    return is_named(f, "title") || is_named(f, "text");
}

/* All fields of a kind as one member: a list, or an object when they have
 * names.  Of the texts, those that have no member of their own. */
static void put_all(struct writing *w, const char *member, enum card_kind kind,
                    const unsigned char *card, size_t n)
{
    bool object = kind == CARD_NUMBER || kind == CARD_TEXT ||
                  kind == CARD_FEATURE, any = false;
    const unsigned char *p = card, *end = card + n;
    struct buf *out = w->out;
    struct card_field f;
    while (card_next(&p, end, &f)) {
        if (f.kind != kind || (kind == CARD_TEXT && is_member(&f)))
            continue;
        if (!any)
            put_name(w, member);
        buf_putc(out, any ? ',' : object ? '{' : '[');
        any = true;
        if (object) {
            buf_json_string(out, f.name, f.name_len);
            buf_putc(out, ':');
        }
        if (kind == CARD_NUMBER)
            put_double(out, card_number(&f));
        else if (kind == CARD_FEATURE)
            buf_float(out, card_weight(&f));
        else
            put_string(out, &f);
    }
    if (any)
        buf_putc(out, object ? '}' : ']');
}

/* Those fields of which there is one. */
static void put_single(struct writing *w, const struct card_field *f)
{
    switch (f->kind) {
    case CARD_TEXT:
        if (!is_member(f))
            return;
        put_name(w, is_named(f, "title") ? "title" : "text");
        put_string(w->out, f);
        return;
    case CARD_EMBEDDING:
        put_name(w, "embedding");
        put_embedding(w->out, f);
        return;
    case CARD_FROM:
        put_name(w, "available_from");
        put_seconds(w->out, card_time(f));
        return;
    case CARD_UNTIL:
        put_name(w, "available_until");
        put_seconds(w->out, card_time(f));
        return;
    case CARD_HIDDEN:
        put_name(w, "hidden");
        buf_puts(w->out, "true");
        return;
    default:
        return;
    }
}

void card_json_write_document(struct buf *out, const unsigned char *card,
                              size_t n)
{
    struct writing w = {.out = out};
    const unsigned char *p = card;
    struct card_field f;
    buf_putc(out, '{');
    put_all(&w, "categories", CARD_CATEGORY, card, n);
    put_all(&w, "tags", CARD_TAG, card, n);
    put_all(&w, "numbers", CARD_NUMBER, card, n);
    put_all(&w, "texts", CARD_TEXT, card, n);
    while (card_next(&p, card + n, &f))
        put_single(&w, &f);
    buf_putc(out, '}');
}

void card_json_write(struct buf *out, const struct card_answer *a)
{
    struct writing w = {.out = out};
    buf_putc(out, '{');
    put_name(&w, a->owner == CARD_OF_ITEM ? "item_id" : "user_id");
    buf_json_string(out, a->id.s, a->id.len);
    put_name(&w, "metadata");
    card_json_write_document(out, a->card, a->n);
    struct card_field f;
    if (card_find(a->card, a->n, CARD_FEATURE, &f))
        put_all(&w, "features", CARD_FEATURE, a->card, a->n);
    else
        buf_puts(out, ",\"features\":{}");
    buf_printf(out, ",\"ratings\":%" PRIu32 ",\"positives\":%" PRIu32
               ",\"model_seq\":%" PRIu64 "}", a->ratings, a->positives,
               a->model_seq);
}
