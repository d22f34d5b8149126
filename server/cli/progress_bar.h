/* progress_bar.h -- how far long work is, on standard error.
 *
 * On a terminal a bar that is redrawn, with the rate and the remaining time;
 * elsewhere a line every few seconds.  One thread.
 */
#ifndef FRESHET_SERVER_CLI_PROGRESS_BAR_H
#define FRESHET_SERVER_CLI_PROGRESS_BAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress_bar {
    const char *what;        /* "learning" */
    uint64_t total;          /* 0: not known */
    int64_t started_ns;
    int64_t shown_ns;
    bool terminal;
    bool drawn;
};

void progress_bar_start(struct progress_bar *p, const char *what,
                        uint64_t total);
/* Cheap to call often: draws at most ten times a second. */
void progress_bar_show(struct progress_bar *p, uint64_t done);
/* Draws a last time and ends the line. */
void progress_bar_end(struct progress_bar *p, uint64_t done);

/* Pure: the text of a bar, `width` columns of it for the bar itself. */
void progress_bar_text(char *out, size_t size, const char *what,
                       uint64_t done, uint64_t total, double seconds);

#endif
