/* log.h -- one line per event, to standard error.
 *
 *   2026-01-02T03:04:05.678Z INFO  listening addr=127.0.0.1:8470 workers=2
 *   {"time":"...","level":"info","event":"listening","addr":"...","workers":2}
 *
 * A line is one write(2), so lines of different threads do not mix; a value
 * with blanks, quotes, control characters or broken UTF-8 is quoted and escaped,
 * so a line stays one line whatever a client sent.  Any thread.
 *
 *   log_info("listening", LOG_STR("addr", addr), LOG_INT("workers", n));
 */
#ifndef FRESHET_SERVER_LOG_H
#define FRESHET_SERVER_LOG_H

#include <stddef.h>
#include <stdint.h>

/* In the order of the words of log.level and log.format. */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_field {
    const char *name;       /* NULL ends a list */
    const char *text;       /* NULL: the number */
    int64_t number;
};

#define LOG_STR(k, v) {(k), (v), 0}
#define LOG_INT(k, v) {(k), NULL, (int64_t)(v)}

/* Boot and reload; the values of enum log_level and log_format. */
void log_init(int level, int format);
void log_set(int level, int format);

void log_write(enum log_level level, const char *event,
               const struct log_field *fields);

/* At most once a second for each event name (compared by address); the next
 * line says how many were left out: suppressed=n. */
void log_write_limited(enum log_level level, const char *event,
                       const struct log_field *fields);

/* C11 has no way to leave the list empty; an event without fields says so with
 * LOG_NONE. */
#define LOG_NONE {NULL, NULL, 0}
#define LOG_FIELDS(...)                                                        \
    ((const struct log_field[]){__VA_ARGS__, {NULL, NULL, 0}})
#define log_error(event, ...)                                                  \
    log_write(LOG_ERROR, event, LOG_FIELDS(__VA_ARGS__))
#define log_warn(event, ...)                                                   \
    log_write(LOG_WARN, event, LOG_FIELDS(__VA_ARGS__))
#define log_info(event, ...)                                                   \
    log_write(LOG_INFO, event, LOG_FIELDS(__VA_ARGS__))
#define log_debug(event, ...)                                                  \
    log_write(LOG_DEBUG, event, LOG_FIELDS(__VA_ARGS__))
#define log_limited(level, event, ...)                                         \
    log_write_limited(level, event, LOG_FIELDS(__VA_ARGS__))

#endif
