/* disk_faults.c -- the failpoints and mutants of disk.h; nothing in a build
 * without FRESHET_FAULTS.
 *
 * DESIGN  One lock over the list of points: this is for tests, not for speed.
 */
#include "model/store/disk.h"

#ifdef FRESHET_FAULTS

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POINTS_MAX 16

struct point {
    char name[64];
    char action[16];
    unsigned nth;
    unsigned passed;
};

static struct point points[POINTS_MAX];
static unsigned npoints;
static char mutants[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* name[:nth[:action]],... */
static void read_environment(void)
{
    const char *list = getenv("FRESHET_FAILPOINT");
    const char *m = getenv("FRESHET_MUTANT");
    snprintf(mutants, sizeof mutants, ",%s,", m ? m : "");
    while (list && *list && npoints < POINTS_MAX) {
        struct point *p = &points[npoints++];
        size_t n = strcspn(list, ",");
        char one[128];
        snprintf(one, sizeof one, "%.*s", (int)n, list);
        p->nth = 1;
        snprintf(p->action, sizeof p->action, "exit");
        sscanf(one, "%63[^:]:%u:%15s", p->name, &p->nth, p->action);
        list += n + (list[n] == ',');
    }
}

static void nap(time_t s, long ns)
{
    struct timespec t = {s, ns};
    nanosleep(&t, NULL);
}

/* What the point does: false when the call is to fail. */
static bool act(const char *action)
{
    if (strcmp(action, "exit") == 0) {
        _exit(137);
    }
    if (strcmp(action, "hang") == 0)
        nap(3600, 0);
    if (strcmp(action, "sleep") == 0)
        nap(0, 50000000);
    if (strcmp(action, "eio") == 0)
        errno = EIO;
    else if (strcmp(action, "enospc") == 0)
        errno = ENOSPC;
    else if (strcmp(action, "eintr") == 0)
        errno = EINTR;
    else
        return true;
    return false;
}

bool disk_point(const char *name)
{
    bool ok = true;
    pthread_once(&once, read_environment);
    for (unsigned i = 0; i < npoints; i++) {
        struct point *p = &points[i];
        if (strcmp(p->name, name) != 0)
            continue;
        pthread_mutex_lock(&lock);
        unsigned pass = ++p->passed;
        pthread_mutex_unlock(&lock);
        bool every = strcmp(p->action, "sleep") == 0;
        bool now = pass == p->nth || (every && pass > p->nth);
        // eintr: each nth pass, so that a retry goes through
        if (strcmp(p->action, "eintr") == 0)
            now = pass % p->nth == 0;
        if (now && !act(p->action))
            ok = false;
    }
    return ok;
}

bool disk_mutant(const char *name)
{
    char with_commas[64];
    pthread_once(&once, read_environment);
    snprintf(with_commas, sizeof with_commas, ",%s,", name);
    return strstr(mutants, with_commas) != NULL;
}

#else
typedef int disk_faults_nothing; /* ISO C wants one declaration in a file */
#endif
