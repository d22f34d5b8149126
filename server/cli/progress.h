/* progress.h -- how far long work is, on standard error.
 *
 * On a terminal a bar that is redrawn, with the rate and the remaining time;
 * elsewhere, if wanted, a line every few seconds.  One thread.
 */
#ifndef FRESHET_SERVER_CLI_PROGRESS_H
#define FRESHET_SERVER_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *what;        /* "learning" */
    int64_t started_ns;
    int64_t shown_ns;        /* when it was last drawn */
    bool terminal;           /* redraw in place */
    bool lines;              /* without a terminal: say something anyway */
    bool drawn;              /* something is on the line now */
};

/* lines: also where standard error is no terminal. */
void progress_start(struct progress *p, const char *what, bool lines);

/* Cheap to call often: draws ten times a second, or prints every five seconds.
 * part: of the work that is done, 0..1; less than 0: not known. */
void progress_show(struct progress *p, uint64_t events, double part);

/* Takes the bar away, so that other text can have the line. */
void progress_clear(struct progress *p);

/* Pure: the text of a bar at most `columns` wide (terminated, so out holds
 * columns + 1).  What does not fit is left out from the right. */
void progress_text(char *out, size_t columns, const char *what,
                   uint64_t events, double part, double seconds);

/* Pure: 1234567 as "1,234,567". */
const char *progress_count(char out[32], uint64_t n);

#endif
