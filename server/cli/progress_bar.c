/* progress_bar.c -- see progress_bar.h. */
#include "server/cli/progress_bar.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WIDTH 24

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void put_duration(char *out, size_t size, double s)
{
    if (s < 90)
        snprintf(out, size, "%.0f s", s);
    else if (s < 5400)
        snprintf(out, size, "%.0f min", s / 60);
    else
        snprintf(out, size, "%.1f h", s / 3600);
}

void progress_bar_text(char *out, size_t size, const char *what,
                       uint64_t done, uint64_t total, double seconds)
{
    char left[32], bar[WIDTH + 1];
    double rate = seconds > 0 ? (double)done / seconds : 0;
    if (total == 0) {
        snprintf(out, size, "%s  %llu events  %.0f events/s", what,
                 (unsigned long long)done, rate);
        return;
    }
    double part = done < total ? (double)done / (double)total : 1;
    int full = (int)(part * WIDTH);
    memset(bar, '.', WIDTH);
    memset(bar, '#', (size_t)full);
    bar[WIDTH] = '\0';
    put_duration(left, sizeof left,
                 rate > 0 ? (double)(total - (done < total ? done : total)) /
                                rate : 0);
    snprintf(out, size, "%s [%s] %3.0f%%  %llu of %llu  %.0f events/s  %s left",
             what, bar, part * 100, (unsigned long long)done,
             (unsigned long long)total, rate, left);
}

void progress_bar_start(struct progress_bar *p, const char *what,
                        uint64_t total)
{
    *p = (struct progress_bar){.what = what, .total = total,
                               .terminal = isatty(STDERR_FILENO)};
    p->started_ns = p->shown_ns = now_ns();
}

static void draw(struct progress_bar *p, uint64_t done, const char *end)
{
    char text[200];
    progress_bar_text(text, sizeof text, p->what, done, p->total,
                      (double)(p->shown_ns - p->started_ns) * 1e-9);
    fprintf(stderr, p->terminal ? "\r\033[K%s%s" : "%s%s", text, end);
    fflush(stderr);
    p->drawn = true;
}

void progress_bar_show(struct progress_bar *p, uint64_t done)
{
    int64_t now = now_ns();
    if (now - p->shown_ns < (p->terminal ? 100000000ll : 5000000000ll))
        return;
    p->shown_ns = now;
    draw(p, done, p->terminal ? "" : "\n");
}

void progress_bar_end(struct progress_bar *p, uint64_t done)
{
    p->shown_ns = now_ns();
    if (p->terminal || p->drawn)
        draw(p, done, "\n");
}
