/* live_point.c -- see live_point.h.
 *
 * DESIGN  The seed is the one thing threads share.  They take from it once,
 * with relaxed order: nothing else hangs on it, and a stronger order here would
 * add an edge between threads that the code under test does not have.
 */
#include "model/core/live_point.h"

#ifdef LIVE_STRESS
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

static atomic_uint seed = 1;
static _Thread_local unsigned state;

void live_point_seed(unsigned s)
{
    atomic_store_explicit(&seed, s, memory_order_relaxed);
}

/* xorshift32 per thread: each thread its own stream of the seed */
static unsigned next(void)
{
    if (!state)
        state = atomic_fetch_add_explicit(&seed, 0x9e3779b9u,
                                          memory_order_relaxed) | 1;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

void live_point(enum live_step step)
{
    struct timespec t = {0, 1000 + (long)(next() % 50000)};
    unsigned dice = next() % 16;
    if (dice == 0)
        nanosleep(&t, NULL);
    else if (dice < 4 + (unsigned)step % 2)
        sched_yield();
}
#else
typedef int live_point_is_empty;
#endif
