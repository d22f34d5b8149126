/* cards_test.h -- what the tests of a fold with cards share: cards made field
 * by field, the events that put them, rows by name. */
#ifndef FRESHET_TESTS_UNIT_CARDS_TEST_H
#define FRESHET_TESTS_UNIT_CARDS_TEST_H

#include "model_test.h"

#include <stdbool.h>

#include "model/core/card.h"
#include "model/core/ids.h"
#include "model/rank/compose.h"

struct cards_test {
    unsigned char bytes[4096];
    size_t n;
};

static inline void cards_test_add(struct cards_test *c, enum card_kind kind,
                                  const char *name, const void *value,
                                  size_t len)
{
    const struct card_field f = {.kind = kind, .name = name,
                                 .name_len = (uint32_t)strlen(name),
                                 .value = value, .value_len = (uint32_t)len};
    ck_assert(card_put(c->bytes, sizeof c->bytes, &c->n, &f));
}

static inline void cards_test_tag(struct cards_test *c, const char *tag)
{
    cards_test_add(c, CARD_TAG, "", tag, strlen(tag));
}

static inline void cards_test_feature(struct cards_test *c, const char *name,
                                      float weight)
{
    cards_test_add(c, CARD_FEATURE, name, &weight, sizeof weight);
}

/* A card of one tag (unless "") and of features of weight 1, up to NULL. */
static inline struct cards_test cards_test_of(const char *tag,
                                              const char *const *features)
{
    struct cards_test c = {.n = 0};
    if (*tag)
        cards_test_tag(&c, tag);
    for (; *features; features++)
        cards_test_feature(&c, *features, 1.0f);
    ck_assert(card_ok(c.bytes, c.n));
    return c;
}

static inline struct id cards_test_id(const char *name)
{
    return (struct id){name, (uint32_t)strlen(name)};
}

/* item_put, user_put; the card is borrowed. */
static inline struct event cards_test_put(enum event_type type,
                                          const char *name,
                                          const struct cards_test *c)
{
    struct event e = {.type = type, .payload = c->bytes,
                      .payload_bytes = (uint32_t)c->n};
    *(type == EVENT_USER_PUT ? &e.user : &e.item) = cards_test_id(name);
    return e;
}

static inline struct event cards_test_behaviour(const char *user,
                                                const char *item, float value)
{
    struct event e = test_event(user, item, value, 1700000000000);
    e.type = EVENT_BEHAVIOUR;
    e.payload = (const unsigned char *)"click";
    e.payload_bytes = 5;
    return e;
}

/* ---- streams of all kinds of events ---------------------------------------- */

/* Event k of a stream of ratings, or what stands in its place now and then: a
 * behaviour of the pair (of more kinds than a seen list tells apart), a card of
 * the item or of the user, a deletion.  The card lives in c, everything else where it did. */
static inline struct event cards_test_mixed(struct event e, uint32_t k,
                                            struct cards_test *c)
{
    uint32_t what = test_below(k, 20, 40);
    if (what >= 16)
        return e;
    if (what >= 6) {
        uint32_t kind = test_below(k, 23, 40); // half of them are clicks
        e.type = EVENT_BEHAVIOUR;
        e.value = (float)(what % 5) - 1;
        e.payload = c->bytes;
        e.payload_bytes = (uint32_t)snprintf((char *)c->bytes, 10,
                                             kind < 20 ? "kind%u" : "click",
                                             kind);
        return e;
    }
    e.type = what == 0 ? EVENT_ITEM_DELETE
             : what < 3 ? EVENT_USER_PUT : EVENT_ITEM_PUT;
    e.value = 0;
    *(e.type == EVENT_USER_PUT ? &e.item : &e.user) = (struct id){.len = 0};
    c->n = 0;
    if (what == 0)
        return e;
    char text[40];
    snprintf(text, sizeof text, "%.*s", (int)test_below(k, 21, 30) + 1,
             "a tag that may be short or long");
    cards_test_tag(c, text);
    for (uint32_t i = test_below(k, 22, 5); i > 0; i--) {
        snprintf(text, sizeof text, "feature:%u", test_below(k, 22 + i, 30));
        cards_test_feature(c, text, (float)test_below(k, 30 + i, 9) / 4 - 1);
    }
    e.payload = c->bytes;
    e.payload_bytes = (uint32_t)c->n;
    return e;
}

/* ---- a model, and the copy it has published ------------------------------ */

struct cards_rig {
    struct model *m;
    const struct table *t;     /* pinned */
    uint64_t seq;
};

static inline void cards_rig_init(struct cards_rig *r, const struct settings *s)
{
    *r = (struct cards_rig){.seq = 0};
    ck_assert_int_eq(model_new(s, 1, &r->m), ERR_OK);
    r->t = live_pin(model_live(r->m), 0);
}

static inline void cards_rig_release(struct cards_rig *r)
{
    live_unpin(model_live(r->m), 0);
    model_free(r->m);
}

/* Folds one event in a batch of its own and looks at what that published. */
static inline float cards_rig_fold(struct cards_rig *r, const struct event *e)
{
    live_unpin(model_live(r->m), 0);
    float test = test_fold(r->m, e, ++r->seq);
    r->t = live_pin(model_live(r->m), 0);
    return test;
}

static inline void cards_rig_put(struct cards_rig *r, enum event_type type,
                                 const char *name, const struct cards_test *c)
{
    struct event e = cards_test_put(type, name, c);
    cards_rig_fold(r, &e);
}

static inline uint32_t cards_rig_user(const struct cards_rig *r,
                                      const char *name)
{
    return ids_find(live_user_ids(model_live(r->m)), cards_test_id(name),
                    r->t->users.n);
}

static inline uint32_t cards_rig_item(const struct cards_rig *r,
                                      const char *name)
{
    return ids_find(live_item_ids(model_live(r->m)), cards_test_id(name),
                    r->t->items.n);
}

static inline uint32_t cards_rig_feature(const struct cards_rig *r,
                                         const char *name)
{
    return ids_find(live_feature_ids(model_live(r->m)), cards_test_id(name),
                    r->t->features.n);
}

/* What the ranking head thinks of the pair, which is there. */
static inline float cards_rig_score(const struct cards_rig *r, const char *user,
                                    const char *item)
{
    struct compose_room p, q;
    uint32_t u = cards_rig_user(r, user), i = cards_rig_item(r, item);
    return r->t->items.rbias[i] +
           dot_rows(compose_rank_user(r->t, u, &p),
                    compose_rank_item(r->t, i, &q), r->t->rdim);
}

static inline void cards_rig_behave(struct cards_rig *r, const char *user,
                                    const char *item, float value)
{
    struct event e = cards_test_behaviour(user, item, value);
    cards_rig_fold(r, &e);
}

#endif
