/* log.c -- see log.h.
 *
 * DESIGN  Level and format are two relaxed atomics: a line may still come out
 * in the old form while a reload is on, which harms nobody.  The limiter's few
 * entries are under a mutex; it is only for events that repeat.
 */
#include "server/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proto/id.h"

#define LINE_MAX_BYTES 2048
#define LIMITED_MAX    16

static atomic_int least = LOG_INFO;
static atomic_int form = LOG_TEXT;

static const char *const level_text[] = {"ERROR", "WARN ", "INFO ", "DEBUG"};
static const char *const level_json[] = {"error", "warn", "info", "debug"};

struct line {
    char p[LINE_MAX_BYTES];
    size_t len;
};

void log_init(int level, int format)
{
    log_set(level, format);
}

void log_set(int level, int format)
{
    atomic_store_explicit(&least, level, memory_order_relaxed);
    atomic_store_explicit(&form, format, memory_order_relaxed);
}

static void put(struct line *l, const char *s, size_t n)
{
    size_t room = sizeof l->p - 2 - l->len; // for a quote and the newline
    if (n > room)
        n = room;
    memcpy(l->p + l->len, s, n);
    l->len += n;
}

static void puts_line(struct line *l, const char *s)
{
    put(l, s, strlen(s));
}

/* A quoted string; what is not printable UTF-8 becomes an escape. */
static void put_quoted(struct line *l, const char *s)
{
    char escape[8];
    size_t n = strlen(s);
    put(l, "\"", 1);
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)s[i];
        size_t len = 1;
        while (c >= 0x80 && i + len < n && len < 4 &&
               ((unsigned char)s[i + len] & 0xc0) == 0x80)
            len++;
        if (c == '"' || c == '\\') {
            put(l, "\\", 1);
            put(l, s + i, 1);
            len = 1;
        } else if (id_valid(s + i, len)) {
            put(l, s + i, len);
        } else {
            snprintf(escape, sizeof escape, "\\u%04x", c);
            puts_line(l, escape);
            len = 1;
        }
        i += len;
    }
    put(l, "\"", 1);
}

static bool is_plain(const char *s)
{
    if (!*s)
        return false;
    for (; *s; s++)
        if (*s <= ' ' || *s > '~' || *s == '"' || *s == '=' || *s == '\\')
            return false;
    return true;
}

static void put_fields(struct line *l, const struct log_field *f, bool json)
{
    char number[24];
    for (; f->name; f++) {
        puts_line(l, json ? ",\"" : " ");
        puts_line(l, f->name);
        puts_line(l, json ? "\":" : "=");
        if (!f->text) {
            snprintf(number, sizeof number, "%lld", (long long)f->number);
            puts_line(l, number);
        } else if (!json && is_plain(f->text)) {
            puts_line(l, f->text);
        } else {
            put_quoted(l, f->text);
        }
    }
}

void log_write(enum log_level level, const char *event,
               const struct log_field *fields)
{
    struct line l;
    struct timespec t;
    struct tm tm;
    char stamp[32], time[48];
    bool json = atomic_load_explicit(&form, memory_order_relaxed) == LOG_JSON;
    if ((int)level > atomic_load_explicit(&least, memory_order_relaxed))
        return;
    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(time, sizeof time, "%s.%03dZ", stamp, (int)(t.tv_nsec / 1000000));
    l.len = 0;
    if (json) {
        puts_line(&l, "{\"time\":\"");
        puts_line(&l, time);
        puts_line(&l, "\",\"level\":\"");
        puts_line(&l, level_json[level]);
        puts_line(&l, "\",\"event\":\"");
        puts_line(&l, event);
        puts_line(&l, "\"");
    } else {
        puts_line(&l, time);
        puts_line(&l, " ");
        puts_line(&l, level_text[level]);
        puts_line(&l, " ");
        puts_line(&l, event);
    }
    put_fields(&l, fields, json);
    if (json)
        l.p[l.len++] = '}';
    l.p[l.len++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, l.p, l.len);
    (void)ignored; // nobody left to tell
}

/* ---- repeated events --------------------------------------------------- */

struct limited {
    const char *event;
    time_t last;
    int64_t left_out;
};

void log_write_limited(enum log_level level, const char *event,
                       const struct log_field *fields)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct limited all[LIMITED_MAX];
    struct log_field more[LIMITED_MAX + 2];
    struct timespec now;
    int64_t left_out = -1;
    int i = 0, n = 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    while (i < LIMITED_MAX - 1 && all[i].event && all[i].event != event)
        i++;
    if (all[i].event != event || now.tv_sec > all[i].last) {
        left_out = all[i].event == event ? all[i].left_out : 0;
        all[i] = (struct limited){event, now.tv_sec, 0};
    } else
        all[i].left_out++;
    pthread_mutex_unlock(&lock);
    if (left_out < 0)
        return;
    for (; n < LIMITED_MAX && fields[n].name; n++)
        more[n] = fields[n];
    if (left_out > 0)
        more[n++] = (struct log_field)LOG_INT("suppressed", left_out);
    more[n] = (struct log_field)LOG_NONE;
    log_write(level, event, more);
}
