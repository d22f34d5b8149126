/* progress.c -- see progress.h. */
#include "server/cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BAR          24
#define COLUMNS_MAX  120
#define REDRAW_NS    100000000ll
#define LINE_NS      5000000000ll

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- text --------------------------------------------------------------- */

const char *progress_count(char out[32], uint64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    size_t at = 0;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

static void put_duration(char *out, size_t size, double s)
{
    if (s < 99.5)
        snprintf(out, size, "%.0f s", s);
    else if (s < 5970)
        snprintf(out, size, "%.0f min", s / 60);
    else if (s < 360000)
        snprintf(out, size, "%.1f h", s / 3600);
    else
        snprintf(out, size, "days");
}

/* Adds a piece if it fits whole; false if not. */
static bool add(char *out, size_t columns, const char *piece)
{
    size_t len = strlen(out), n = strlen(piece);
    if (len + n > columns)
        return false;
    memcpy(out + len, piece, n + 1);
    return true;
}

static const char *put_bar(char out[64], double part)
{
    char bar[BAR + 1];
    size_t full = (size_t)(part * BAR);
    memset(bar, '.', BAR);
    memset(bar, '#', full);
    bar[BAR] = '\0';
    snprintf(out, 64, " [%s] %3.0f%%", bar, part * 100);
    return out;
}

void progress_text(char *out, size_t columns, const char *what,
                   uint64_t events, double part, double seconds)
{
    char piece[64], number[32], left[32];
    double rate = seconds > 0 ? (double)events / seconds : 0;
    out[0] = '\0';
    if (part > 1)
        part = 1;
    if (!add(out, columns, what) ||
        (part >= 0 && !add(out, columns, put_bar(piece, part))))
        return;
    snprintf(piece, sizeof piece, "  %s events",
             progress_count(number, events));
    if (!add(out, columns, piece))
        return;
    snprintf(piece, sizeof piece, "  %s/s",
             progress_count(number, (uint64_t)(rate + 0.5)));
    if (!add(out, columns, piece))
        return;
    if (part > 0 && part < 1 && seconds >= 0.5) { // before: a wild guess
        put_duration(left, sizeof left, seconds * (1 - part) / part);
        snprintf(piece, sizeof piece, "  %s left", left);
        add(out, columns, piece);
    }
}

/* ---- drawing ------------------------------------------------------------ */

static size_t terminal_columns(void)
{
    struct winsize w;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
        return 79;
    return w.ws_col > COLUMNS_MAX ? COLUMNS_MAX : w.ws_col - 1u;
}

void progress_start(struct progress *p, const char *what, bool lines)
{
    *p = (struct progress){.what = what, .lines = lines,
                           .terminal = isatty(STDERR_FILENO)};
    p->started_ns = p->shown_ns = now_ns();
}

void progress_show(struct progress *p, uint64_t events, double part)
{
    char text[COLUMNS_MAX + 1];
    if (!p->terminal && !p->lines)
        return;
    int64_t now = now_ns();
    if (now - p->shown_ns < (p->terminal ? REDRAW_NS : LINE_NS))
        return;
    p->shown_ns = now;
    progress_text(text, p->terminal ? terminal_columns() : COLUMNS_MAX,
                  p->what, events, part, (double)(now - p->started_ns) * 1e-9);
    fprintf(stderr, p->terminal ? "\r\033[K%s" : "%s\n", text);
    fflush(stderr);
    p->drawn = p->terminal;
}

void progress_clear(struct progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
    fflush(stderr);
    p->drawn = false;
}
