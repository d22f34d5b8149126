/* session.c -- see session.h. */
#include "model/learn/session.h"

#include "model/learn/trend.h"

#define LOG2_E 1.4426950408889634 /* 1 / ln 2 */

float session_value(const struct users *u, uint32_t row, int64_t time_ms,
                    const struct settings *s)
{
    if (!(s->session_tau > 0) || u->session[row] == 0 ||
        time_ms < u->last_ms[row])
        return 0;
    // in binary64, so that no time, however odd, overflows
    double seconds = ((double)time_ms - (double)u->last_ms[row]) * 0.001;
    double left = trend_exp2_neg(seconds / (double)s->session_tau * LOG2_E);
    return (float)((double)u->session[row] * left);
}

void session_learn(struct users *u, uint32_t row, int64_t time_ms, float e,
                   const struct settings *s)
{
    if (!(s->session_tau > 0))
        return;
    if (time_ms < u->last_ms[row])
        return; // late: it says nothing of the session that goes on
    float now = session_value(u, row, time_ms, s) + s->session_rate * e;
    if (now - now != 0)
        return; // not finite
    u->session[row] = now;
    u->last_ms[row] = time_ms;
}
