/* arena.c -- see arena.h. */
#include "proto/arena.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

/* Under AddressSanitizer what was forgotten may not be touched any more. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define FIRST_CHUNK (32 * 1024)
#define MAX_CHUNK   (1024 * 1024)
#define OWN_CHUNK   (16 * 1024)   /* a block of this size gets its own */
#define ALIGN       8

struct chunk {
    struct chunk *next;
    struct chunk **link;     /* what points here */
    size_t size;             /* of bytes[] */
    size_t used;
    _Alignas(ALIGN) char bytes[];
};

/* Before a block that a hook gave out: where it came from. */
struct mark {
    struct chunk *own;       /* its own chunk, or one of these: */
};
static struct chunk from_bump, from_malloc;

struct arena {
    struct chunk *bump;      /* newest first; its head is the one in use */
    struct chunk *own;       /* large blocks */
    size_t held;             /* bytes in all chunks */
    bool active;
    bool registered;         /* the key's destructor will see it */
};

static _Thread_local struct arena arena;
static pthread_key_t key;
static bool have_key;

static void free_chunk(struct arena *a, struct chunk *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    a->held -= c->size;
    ASAN_UNPOISON_MEMORY_REGION(c->bytes, c->size);
    free(c);
}

static void free_list(struct arena *a, struct chunk **list)
{
    while (*list)
        free_chunk(a, *list);
}

static void thread_ended(void *arg)
{
    struct arena *a = arg;
    free_list(a, &a->own);
    free_list(a, &a->bump);
    a->registered = false;
}

void arena_setup(void)
{
    if (!have_key)
        have_key = pthread_key_create(&key, thread_ended) == 0;
}

static struct chunk *add_chunk(struct arena *a, struct chunk **list,
                               size_t size)
{
    if (!a->registered && have_key)
        a->registered = pthread_setspecific(key, a) == 0;
    if (!a->registered || size > SIZE_MAX / 2)
        return NULL; // nobody would free it
    struct chunk *c = malloc(sizeof *c + size);
    if (!c)
        return NULL;
    *c = (struct chunk){.next = *list, .link = list, .size = size};
    if (c->next)
        c->next->link = &c->next;
    ASAN_POISON_MEMORY_REGION(c->bytes, size);
    *list = c;
    a->held += size;
    return c;
}

void arena_begin(void)
{
    arena.active = true;
}

void arena_end(void)
{
    arena.active = false;
}

/* A chunk that is at least as large as all before it, up to a limit. */
static struct chunk *grow(struct arena *a)
{
    size_t size = a->bump ? 2 * a->bump->size : FIRST_CHUNK;
    return add_chunk(a, &a->bump, size < MAX_CHUNK ? size : MAX_CHUNK);
}

/* n bytes, and in *own the chunk that holds them alone, or NULL. */
static void *take(struct arena *a, size_t n, struct chunk **own)
{
    struct chunk *c = a->bump;
    *own = NULL;
    if (n > SIZE_MAX / 2)
        return NULL;
    size_t room = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (room >= OWN_CHUNK)
        c = *own = add_chunk(a, &a->own, room);
    else if (!c || c->size - c->used < room)
        c = grow(a);
    if (!c)
        return NULL;
    char *p = c->bytes + c->used;
    c->used += room;
    ASAN_UNPOISON_MEMORY_REGION(p, n);
    return p;
}

void *arena_alloc(size_t n)
{
    struct chunk *own;
    return take(&arena, n, &own);
}

void arena_reset(void)
{
    struct arena *a = &arena;
    free_list(a, &a->own);
    while (a->bump && a->held > ARENA_KEEP)
        free_chunk(a, a->bump);
    if (!a->bump)
        return;
    /* The largest chunk that may stay does all the work of the next document;
     * the smaller ones before it are not needed. */
    free_list(a, &a->bump->next);
    a->bump->used = 0;
    ASAN_POISON_MEMORY_REGION(a->bump->bytes, a->bump->size);
}

size_t arena_held(void)
{
    return arena.held;
}

void *arena_hook_malloc(size_t n)
{
    struct chunk *own = &from_malloc;
    struct mark *m = NULL;
    if (n > SIZE_MAX / 2)
        return NULL;
    if (arena.active)
        m = take(&arena, sizeof *m + n, &own);
    else
        m = malloc(sizeof *m + n);
    if (!m)
        return NULL;
    m->own = own ? own : &from_bump;
    return m + 1;
}

void arena_hook_free(void *p)
{
    struct mark *m = p;
    if (!p)
        return;
    m--;
    if (m->own == &from_malloc)
        free(m);
    else if (m->own != &from_bump)
        free_chunk(&arena, m->own);
}
