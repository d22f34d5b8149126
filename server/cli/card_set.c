/* card_set.c -- see card_set.h. */
#include "server/cli/card_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/csv.h"
#include "proto/item_card.h"
#include "server/cli/line_reader.h"

#define CHUNK 4096u          /* events between publishes */

struct loading {
    struct card_set *set;
    enum card_owner owner;
    struct card_builder *builder;
    struct item_file file;       /* of items */
    uint64_t line;               /* of users: lines read */
    struct proto_limits limits;
};

/* A card_sink. */
static bool take(void *arg, struct id id, const unsigned char *card, size_t n,
                 struct fail *f)
{
    struct loading *l = arg;
    struct event e = {.payload = card, .payload_bytes = (uint32_t)n};
    if (l->owner == CARD_OF_USER) {
        e.type = EVENT_USER_PUT;
        e.user = id;
    } else {
        e.type = EVENT_ITEM_PUT;
        e.item = id;
    }
    struct buf *b = &l->set->frames;
    if (!buf_reserve(b, event_size(&e)))
        return fail_set(f, FAIL_busy, "out of memory");
    b->len += event_encode(&e, b->p + b->len);
    l->set->n++;
    return true;
}

/* ---- users -------------------------------------------------------------- */

/* id|age|gender|occupation|zip: the age is a number, the next two are
 * categories. */
static bool take_fields(struct loading *l, const char *s, size_t n,
                        struct fail *f)
{
    struct csv_field field[CSV_FIELDS];
    int count = csv_split_plain(s, n, "|", field);
    size_t bytes;
    if (count < 4 || field[0].n == 0 || field[0].n > ID_BYTES_MAX)
        return fail_set(f, FAIL_missing_field, "neither JSON nor "
                        "id|age|gender|occupation|zip");
    card_builder_begin(l->builder);
    enum err err = card_builder_number(l->builder, "age", 3,
                                       strtod(field[1].s, NULL));
    for (int i = 2; i <= 3 && err == ERR_OK; i++)
        if (field[i].n)
            err = card_builder_category(l->builder, field[i].s, field[i].n);
    if (err != ERR_OK)
        return fail_set(f, FAIL_invalid_metadata, NULL);
    const unsigned char *card = card_builder_end(l->builder, CARD_OF_USER,
                                                 &bytes);
    struct id id = {field[0].s, (uint32_t)field[0].n};
    return take(l, id, card, bytes, f);
}

static bool user_line(struct loading *l, const char *s, size_t n,
                      struct fail *f)
{
    struct card_reader reader = {CARD_OF_USER, l->builder, &l->limits};
    l->line++;
    f->index = (int64_t)l->line;
    if (!csv_line(&s, &n, l->line == 1))
        return true;
    bool ok = s[0] == '{' ? card_json_parse_line(&reader, s, n, take, l, f)
                          : take_fields(l, s, n, f);
    f->index = (int64_t)l->line;
    return ok;
}

/* ---- files -------------------------------------------------------------- */

static bool load_lines(struct loading *l, struct line_reader *in,
                       const char *path, char error[512])
{
    const char *line;
    struct fail f;
    size_t n;
    bool ok = true;
    while (ok && line_reader_next(in, &line, &n)) {
        ok = l->owner == CARD_OF_USER
                 ? user_line(l, line, n, &f)
                 : item_card_line(&l->file, l->builder, line, n, take, l, &f);
        if (!ok)
            snprintf(error, 512, "%.200s, line %lld: %s", path,
                     (long long)f.index, f.message);
    }
    if (ok && line_reader_error(in)) {
        snprintf(error, 512, "%.200s: %.250s", path, line_reader_error(in));
        ok = false;
    }
    return ok;
}

bool card_set_load(struct card_set *s, const char *path, enum card_owner owner,
                   const struct config *cfg, char error[512])
{
    struct loading l = {.set = s, .owner = owner,
                        .limits = {.json_depth = 32, .array_elements = 10000,
                                   .json_values = 200000}};
    struct card_rules rules;
    if (!card_rules_set(&rules, cfg->items_buckets,
                        (uint32_t)cfg->items_text_buckets,
                        (uint32_t)cfg->items_embedding_features, error))
        return false;
    struct line_reader *in = line_reader_open(path, error);
    if (!in)
        return false;
    l.builder = card_builder_new(&rules);
    item_file_init(&l.file, &l.limits);
    bool ok = l.builder != NULL;
    if (ok)
        ok = load_lines(&l, in, path, error);
    else
        snprintf(error, 512, "out of memory");
    card_builder_free(l.builder);
    line_reader_close(in);
    return ok;
}

void card_set_release(struct card_set *s)
{
    buf_release(&s->frames);
    memset(s, 0, sizeof *s);
}

void card_set_fold(const struct card_set *s, struct model *m, uint64_t seq)
{
    const unsigned char *p = (const unsigned char *)s->frames.p;
    const unsigned char *end = p + s->frames.len;
    struct event e;
    for (size_t i = 0; i < s->n; i++) {
        if (i % CHUNK == 0)
            model_begin(m);
        p = event_decode(p, end, &e);
        if (p) // what was encoded is decoded
            model_fold(m, &e, ++seq, NULL);
        if (i % CHUNK == CHUNK - 1 || i + 1 == s->n)
            model_publish(m);
        if (!p)
            return;
    }
}
