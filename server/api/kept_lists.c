/* kept_lists.c -- see kept_lists.h. */
#include "server/api/kept_lists.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "model/core/siphash.h"

#define WAYS 8u              /* places that a list can have */

struct kept {
    struct kept_key key;
    uint64_t age;            /* 0: none */
    enum recommend_by by;
    uint32_t n, npinned;
    struct scored *items;    /* (n) */
};

struct kept_lists {
    /* set at boot, then read-only */
    uint64_t secret[2];
    uint32_t sets;           /* 0: none is kept */
    pthread_mutex_t lock;
    const struct live *live; /* guarded by lock, and all below */
    uint64_t newest;         /* age */
    struct kept at[];        /* (sets, WAYS) */
};

struct kept_lists *kept_lists_new(uint32_t n)
{
    uint32_t sets = (n + WAYS - 1) / WAYS;
    struct kept_lists *k = calloc(1, sizeof *k + (size_t)sets * WAYS *
                                                    sizeof *k->at);
    if (!k)
        return NULL;
    k->sets = sets;
    if (getrandom(k->secret, sizeof k->secret, 0) !=
        (ssize_t)sizeof k->secret) {
        free(k);
        return NULL;
    }
    pthread_mutex_init(&k->lock, NULL);
    return k;
}

static void forget_all(struct kept_lists *k)
{
    for (size_t i = 0; i < (size_t)k->sets * WAYS; i++) {
        free(k->at[i].items);
        k->at[i] = (struct kept){.age = 0};
    }
}

void kept_lists_free(struct kept_lists *k)
{
    if (!k)
        return;
    forget_all(k);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

void kept_lists_renew(struct kept_lists *k, const struct live *live)
{
    pthread_mutex_lock(&k->lock);
    forget_all(k);
    k->live = live;
    pthread_mutex_unlock(&k->lock);
}

uint64_t kept_lists_question(const struct kept_lists *k, const void *bytes,
                             size_t n)
{
    return siphash13(k->secret, bytes, n);
}

/* The places that a list can have. */
static struct kept *set_of(struct kept_lists *k, struct kept_key key)
{
    uint64_t mixed = key.question ^ key.seq * 0x9e3779b97f4a7c15;
    return &k->at[mixed % k->sets * WAYS];
}

static bool is_it(const struct kept *l, struct kept_key key)
{
    return l->age && l->key.question == key.question && l->key.seq == key.seq;
}

void kept_lists_put(struct kept_lists *k, const struct live *live,
                    struct kept_key key, const struct recommend_list *list)
{
    size_t bytes = list->n * sizeof *list->items;
    struct scored *items = malloc(bytes + 1);
    if (!items || !k->sets) {
        free(items);
        return;
    }
    memcpy(items, list->items, bytes);
    pthread_mutex_lock(&k->lock);
    struct kept *to = set_of(k, key), *set = to;
    for (uint32_t i = 0; i < WAYS && !is_it(to, key); i++)
        if (is_it(&set[i], key) || set[i].age < to->age)
            to = &set[i];
    if (k->live == live) {
        free(to->items);
        *to = (struct kept){key, ++k->newest, list->by, list->n,
                            list->npinned, items};
        items = NULL;
    }
    pthread_mutex_unlock(&k->lock);
    free(items);
}

bool kept_lists_find(struct kept_lists *k, const struct live *live,
                     struct kept_key key, uint32_t offset, uint32_t n,
                     struct scored *page, struct recommend_list *out)
{
    const struct kept *l = NULL;
    pthread_mutex_lock(&k->lock);
    for (uint32_t i = 0; k->sets && k->live == live && i < WAYS && !l; i++)
        if (is_it(&set_of(k, key)[i], key))
            l = &set_of(k, key)[i];
    if (l) {
        *out = (struct recommend_list){.by = l->by, .items = l->items,
                                       .n = l->n, .npinned = l->npinned};
        recommend_list_cut(out, offset, n);
        if (out->n)
            memcpy(page, out->items, out->n * sizeof *page);
        out->items = page;
    }
    pthread_mutex_unlock(&k->lock);
    return l != NULL;
}
