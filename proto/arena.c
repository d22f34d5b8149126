/* arena.c -- see arena.h. */
#include "proto/arena.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define FIRST_BYTES 16384
#define NEXT_BYTES  262144
#define FROM_ARENA  0x0a12e4a5u
#define FROM_MALLOC 0x3a110c00u

/* Before every block; keeps blocks aligned to 16. */
struct mark {
    _Alignas(16) uint64_t from;
};

struct chunk {
    struct chunk *next;
    size_t size, used;
    _Alignas(16) unsigned char bytes[];
};

struct arena {
    struct chunk *first;   /* kept over resets */
    struct chunk *now;     /* where blocks come from; others follow `first` */
    bool open;
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local struct arena *mine;

static void free_after(struct chunk *c)
{
    struct chunk *next = c->next;
    c->next = NULL;
    while (next) {
        struct chunk *dead = next;
        next = next->next;
        free(dead);
    }
}

static void thread_end(void *p)
{
    struct arena *a = p;
    if (a->first) {
        free_after(a->first);
        free(a->first);
    }
    free(a);
}

static void make_key(void)
{
    pthread_key_create(&key, thread_end);
}

static struct arena *arena(void)
{
    if (mine)
        return mine;
    pthread_once(&once, make_key);
    mine = calloc(1, sizeof *mine);
    if (mine)
        pthread_setspecific(key, mine);
    return mine;
}

static struct chunk *chunk_new(size_t size)
{
    struct chunk *c = malloc(sizeof *c + size);
    if (!c)
        return NULL;
    c->next = NULL;
    c->size = size;
    c->used = 0;
    return c;
}

void *arena_take(size_t n)
{
    struct arena *a = arena();
    size_t need = (n + 15) & ~(size_t)15;
    if (!a || need < n)
        return NULL;
    if (!a->first)
        a->first = a->now = chunk_new(FIRST_BYTES);
    if (!a->first)
        return NULL;
    if (a->now->size - a->now->used < need) {
        struct chunk *c = chunk_new(need > NEXT_BYTES ? need : NEXT_BYTES);
        if (!c)
            return NULL;
        c->next = a->first->next;
        a->first->next = c;
        a->now = c;
    }
    void *p = a->now->bytes + a->now->used;
    a->now->used += need;
    return p;
}

void *arena_malloc(size_t n)
{
    bool open = mine && mine->open;
    size_t need = n + sizeof(struct mark);
    if (need < n)
        return NULL;
    struct mark *m = open ? arena_take(need) : malloc(need);
    if (!m)
        return NULL;
    m->from = open ? FROM_ARENA : FROM_MALLOC;
    return m + 1;
}

void arena_free(void *p)
{
    if (!p)
        return;
    struct mark *m = (struct mark *)p - 1;
    if (m->from == FROM_MALLOC)
        free(m);
}

void arena_reset(void)
{
    struct arena *a = mine;
    if (!a || !a->first)
        return;
    if (a->first->next)
        free_after(a->first);
    a->first->used = 0;
    a->now = a->first;
}

void arena_begin(void)
{
    struct arena *a = arena();
    arena_reset();
    if (a)
        a->open = true;
}

void arena_end(void)
{
    if (mine)
        mine->open = false;
}
