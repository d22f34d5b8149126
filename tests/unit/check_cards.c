/* check_cards.c -- metadata in the model: rows and features that a card makes,
 * cards in place of others, what has no room, what is hashed. */
#include "cards_test.h"

#include "model/learn/cards.h"
#include "model/learn/fold.h"
#include "model/rank/predict.h"

static const char *const drama[] = {"genre:drama", "year:1990", NULL};
static const char *const comedy[] = {"genre:comedy", "year:1990", NULL};
static const char *const none[] = {NULL};

/* The row's card is this one, and its features are those rows. */
static void card_is(const struct cards_rig *r, const struct card *got,
                    const struct cards_test *want)
{
    const unsigned char *p = want->bytes, *end = p + want->n;
    struct card_field f;
    uint32_t i = 0;
    ck_assert_ptr_nonnull(got);
    ck_assert_uint_eq(got->bytes, want->n);
    ck_assert_mem_eq(table_card_bytes(got), want->bytes, want->n);
    while (card_next(&p, end, &f)) {
        char name[300];
        if (f.kind != CARD_FEATURE)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)f.name_len, f.name);
        ck_assert_uint_lt(i, got->nfeatures);
        ck_assert_uint_eq(got->feature[i].row, cards_rig_feature(r, name));
        ck_assert(got->feature[i++].weight == card_weight(&f));
    }
    ck_assert_uint_eq(i, got->nfeatures);
}

START_TEST(known_before_its_first_event)
{
    struct settings s = test_settings();
    struct cards_rig r;
    struct cards_test card = cards_test_of("old", drama);
    cards_rig_init(&r, &s);
    cards_rig_put(&r, EVENT_ITEM_PUT, "x", &card);
    ck_assert_uint_eq(r.t->items.n, 1);
    ck_assert_uint_eq(r.t->features.n, 2);
    ck_assert_uint_eq(r.t->items.count[0], 0);
    ck_assert_uint_eq(r.t->features.count[0], 0);
    card_is(&r, r.t->items.card[0], &card);
    ck_assert_uint_eq(ids_birth(live_item_ids(model_live(r.m)), 0), 1);
    ck_assert_uint_eq(ids_birth(live_feature_ids(model_live(r.m)), 1), 1);
    cards_rig_put(&r, EVENT_USER_PUT, "x", &card); // another x, the same features
    ck_assert_uint_eq(r.t->users.n, 1);
    ck_assert_uint_eq(r.t->features.n, 2);
    card_is(&r, r.t->users.card[0], &card);
    ck_assert_uint_eq(r.t->totals.skipped, 0);
    ck_assert_uint_eq(r.t->totals.seq, 2);
    cards_rig_release(&r);
}
END_TEST

/* What is learned of one item is known of another with its features. */
START_TEST(features_are_shared)
{
    struct settings s = test_settings();
    struct cards_rig r;
    struct cards_test card = cards_test_of("", drama);
    struct cards_test other = cards_test_of("", comedy);
    cards_rig_init(&r, &s);
    cards_rig_put(&r, EVENT_ITEM_PUT, "good", &card);
    cards_rig_put(&r, EVENT_ITEM_PUT, "bad", &other);
    cards_rig_put(&r, EVENT_ITEM_PUT, "new drama", &card);
    cards_rig_put(&r, EVENT_ITEM_PUT, "new comedy", &other);
    for (uint32_t k = 0; k < 60; k++) {
        char user[16];
        snprintf(user, sizeof user, "u%u", k / 2);
        struct event e = test_event(user, k % 2 ? "good" : "bad",
                                    k % 2 ? 5 : 1, 1000 * (int64_t)k);
        cards_rig_fold(&r, &e);
    }
    ck_assert_uint_eq(r.t->features.count[cards_rig_feature(&r, "genre:drama")],
                      30);
    ck_assert_uint_eq(r.t->features.count[cards_rig_feature(&r, "year:1990")],
                      60);
    float up = predict_inner(r.t, ROW_NONE, cards_rig_item(&r, "new drama"));
    float down = predict_inner(r.t, ROW_NONE, cards_rig_item(&r, "new comedy"));
    float mean = predict_inner(r.t, ROW_NONE, ROW_NONE);
    ck_assert_float_gt(up, mean + 0.1f);
    ck_assert_float_lt(down, mean - 0.1f);
    cards_rig_release(&r);
}
END_TEST

START_TEST(another_takes_its_place)
{
    struct settings s = test_settings();
    struct cards_rig r;
    struct cards_test first = cards_test_of("one", drama);
    struct cards_test then = cards_test_of("two", comedy);
    struct cards_test empty = cards_test_of("", none);
    cards_rig_init(&r, &s);
    cards_rig_put(&r, EVENT_ITEM_PUT, "x", &first);
    cards_rig_put(&r, EVENT_ITEM_PUT, "x", &then);
    card_is(&r, r.t->items.card[0], &then);
    ck_assert_uint_eq(r.t->features.n, 3); // those of the first stay
    cards_rig_put(&r, EVENT_ITEM_PUT, "x", &empty);
    ck_assert_ptr_null(r.t->items.card[0]);
    ck_assert_uint_eq(r.t->items.n, 1);
    ck_assert_uint_eq(fold_item_cards(model_fold_state(r.m))->bytes, 0);
    ck_assert_uint_eq(fold_item_cards(model_fold_state(r.m))->memory, 0);
    ck_assert_uint_eq(fold_item_cards(model_fold_state(r.m))->hash, 0);
    cards_rig_release(&r);
}
END_TEST

/* A reader sees the card of its copy until it lets go (ASan knows). */
START_TEST(a_reader_keeps_the_old_one)
{
    struct settings s = test_settings();
    struct model *m;
    struct cards_test first = cards_test_of("one", drama);
    struct cards_test then = cards_test_of("two", comedy);
    struct event put = cards_test_put(EVENT_ITEM_PUT, "x", &first);
    struct event again = cards_test_put(EVENT_ITEM_PUT, "x", &then);
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    test_fold(m, &put, 1);
    const struct table *t = live_pin(model_live(m), 0);
    const struct card *c = t->items.card[0];
    test_fold(m, &again, 2); // the trainer goes on by one batch
    ck_assert_ptr_eq(t->items.card[0], c);
    ck_assert_mem_eq(table_card_bytes(c), first.bytes, first.n);
    live_unpin(model_live(m), 0);
    test_fold(m, &again, 3);
    model_free(m);
}
END_TEST

START_TEST(deleted)
{
    struct settings s = test_settings();
    struct cards_rig r;
    struct cards_test card = cards_test_of("one", drama), gone = {.n = 0};
    struct event delete = {.type = EVENT_ITEM_DELETE};
    cards_test_add(&gone, CARD_DELETED, "", "", 0);
    cards_rig_init(&r, &s);
    delete.item = cards_test_id("nobody knows it");
    cards_rig_fold(&r, &delete);
    ck_assert_uint_eq(r.t->items.n, 0);
    cards_rig_put(&r, EVENT_ITEM_PUT, "x", &card);
    delete.item = cards_test_id("x");
    cards_rig_fold(&r, &delete);
    card_is(&r, r.t->items.card[0], &gone);
    struct event e = test_event("u", "x", 5, 1); // is an event of it all the same
    cards_rig_fold(&r, &e);
    ck_assert_uint_eq(r.t->items.count[0], 1);
    ck_assert_uint_eq(r.t->features.count[0], 0); // but none of its features'
    cards_rig_put(&r, EVENT_ITEM_PUT, "x", &card); // and back
    card_is(&r, r.t->items.card[0], &card);
    ck_assert_uint_eq(r.t->items.count[0], 1);
    ck_assert_uint_eq(r.t->totals.skipped, 0);
    cards_rig_release(&r);
}
END_TEST

/* ---- what has no room ----------------------------------------------------- */

START_TEST(no_room_for_features)
{
    struct settings s = test_settings();
    struct cards_rig r;
    static const char *const many[] = {"a", "b", "c", "d", NULL};
    static const char *const known[] = {"c", "b", NULL}, *const some[] = {
        "a", "b", "c", NULL};
    s.max_features = 3;
    struct cards_test card = cards_test_of("tag", many);
    struct cards_test kept = cards_test_of("tag", some);
    struct cards_test others = cards_test_of("", known);
    cards_rig_init(&r, &s);
    cards_rig_put(&r, EVENT_ITEM_PUT, "x", &card);
    ck_assert_uint_eq(r.t->features.n, 3);
    ck_assert_uint_eq(r.t->totals.skipped, 1);
    card_is(&r, r.t->items.card[0], &kept); // "d" is not in the bytes either
    cards_rig_put(&r, EVENT_ITEM_PUT, "y", &others); // a full table knows those
    card_is(&r, r.t->items.card[1], &others);
    ck_assert_uint_eq(r.t->totals.skipped, 1);
    cards_rig_release(&r);
}
END_TEST

START_TEST(no_room_for_rows)
{
    struct settings s = test_settings();
    struct cards_rig r;
    struct cards_test card = cards_test_of("", drama);
    s.max_users = s.max_items = 1;
    cards_rig_init(&r, &s);
    for (int k = 0; k < 2; k++) {
        cards_rig_put(&r, EVENT_ITEM_PUT, k ? "y" : "x", &card);
        cards_rig_put(&r, EVENT_USER_PUT, k ? "y" : "x", &card);
    }
    ck_assert_uint_eq(r.t->items.n, 1);
    ck_assert_uint_eq(r.t->users.n, 1);
    ck_assert_uint_eq(r.t->totals.skipped, 2);
    cards_rig_put(&r, EVENT_ITEM_PUT, "x", &card); // who is there may change
    ck_assert_uint_eq(r.t->totals.skipped, 2);
    cards_rig_release(&r);
}
END_TEST

/* The fold of ratings of items with features, which are learned from or not. */
static uint64_t fold_with(uint32_t item_features, bool cards, float *sum)
{
    struct settings s = test_settings();
    struct cards_rig r;
    struct cards_test card = cards_test_of("tag", drama);
    s.item_features = item_features;
    cards_rig_init(&r, &s);
    for (uint32_t k = 0; k < 400; k++) {
        char name[2][16];
        struct event e = test_stream(k, 20, 20, name);
        if (cards && k % 20 == 0)
            cards_rig_put(&r, EVENT_ITEM_PUT, name[1], &card);
        r.seq = 2 * k + 2; // so that replays pick the same
        *sum += cards_rig_fold(&r, &e);
    }
    ck_assert_uint_eq(r.t->features.n, cards && item_features ? 2 : 0);
    ck_assert_uint_eq(r.t->totals.skipped, 0);
    uint64_t hash = model_hash(r.m);
    cards_rig_release(&r);
    return hash;
}

START_TEST(not_learned_from)
{
    float off = 0, without = 0, on = 0;
    uint64_t hash = fold_with(0, true, &off);
    ck_assert_uint_ne(hash, fold_with(0, false, &without)); // cards are state
    fold_with(1, true, &on);
    ck_assert(off == without && on != off);
}
END_TEST

/* ---- hashes ---------------------------------------------------------------- */

/* After a card, whose features are born, then others in turn. */
static uint64_t hash_after(enum event_type type, const char *const *tags)
{
    struct settings s = test_settings();
    struct cards_rig r;
    cards_rig_init(&r, &s);
    for (int k = 0; k < 3; k++) {
        struct cards_test card = cards_test_of(tags[k], drama);
        cards_rig_put(&r, type, "x", &card);
    }
    uint64_t hash = model_hash(r.m);
    cards_rig_release(&r);
    return hash;
}

START_TEST(hash_of_what_is_there)
{
    static const char *const a[] = {"a", "b", "c"}, *const b[] = {"c", "a", "c"},
        *const c[] = {"c", "c", "b"};
    uint64_t hash = hash_after(EVENT_ITEM_PUT, a);
    ck_assert_uint_eq(hash, hash_after(EVENT_ITEM_PUT, b)); // not of the past
    ck_assert_uint_ne(hash, hash_after(EVENT_ITEM_PUT, c));
    hash = hash_after(EVENT_USER_PUT, a);
    ck_assert_uint_eq(hash, hash_after(EVENT_USER_PUT, b));
    ck_assert_uint_ne(hash, hash_after(EVENT_USER_PUT, c));
    ck_assert_uint_ne(hash, hash_after(EVENT_ITEM_PUT, a));
}
END_TEST

START_TEST(an_erasure_takes_it)
{
    struct settings s = test_settings();
    struct cards_rig r;
    struct cards_test card = cards_test_of("secret", drama);
    unsigned char birth[8] = {2};
    struct event erase = {.type = EVENT_ERASE, .payload = birth,
                          .payload_bytes = sizeof birth};
    cards_rig_init(&r, &s);
    cards_rig_put(&r, EVENT_ITEM_PUT, "x", &card);
    cards_rig_put(&r, EVENT_USER_PUT, "u", &card);
    struct event e = test_event("u", "x", 5, 1);
    cards_rig_fold(&r, &e);
    ck_assert_uint_eq(fold_user_cards(model_fold_state(r.m))->bytes, card.n);
    cards_rig_fold(&r, &erase);
    ck_assert_ptr_null(r.t->users.card[0]);
    ck_assert_uint_eq(fold_user_cards(model_fold_state(r.m))->bytes, 0);
    ck_assert_uint_eq(fold_user_cards(model_fold_state(r.m))->hash, 0);
    for (uint32_t d = 0; d < r.t->rdim; d++)
        ck_assert(r.t->users.rvec[d] == 0);
    ck_assert_uint_eq(r.t->users.positives[0], 0);
    ck_assert_uint_eq(r.t->totals.erased, 1);
    card_is(&r, r.t->items.card[0], &card);
    cards_rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("cards", known_before_its_first_event, features_are_shared,
                another_takes_its_place, a_reader_keeps_the_old_one, deleted,
                no_room_for_features, no_room_for_rows, not_learned_from,
                hash_of_what_is_there, an_erasure_takes_it)
