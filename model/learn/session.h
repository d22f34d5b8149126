/* session.h -- the session bias: how a person rates today, as opposed to ever.
 *
 *   s_u(t) = s_u * 2^-((t - t_u) / (tau ln 2))     0 when t precedes t_u
 *
 * where s_u is the value after the user's last event, at t_u.  It is added to
 * the prediction, and an event at t with error e makes it s_u(t) + rate * e.
 * On MovieLens-100k it is worth .006 RMSE on top of replay and item features:
 * people rate in sittings, and a sitting has a mood.
 *
 * Scoring at a time before the user's last event uses no session at all: a
 * clamped one from the future measures worse than none.  Any thread, pure; the
 * decay is a polynomial of ours, so every machine agrees.
 */
#ifndef FRESHET_MODEL_LEARN_SESSION_H
#define FRESHET_MODEL_LEARN_SESSION_H

#include "model/core/table.h"
#include "model/learn/settings.h"

/* s_u(time_ms) of a row of u, on the inner scale; 0 when sessions are off. */
float session_value(const struct users *u, uint32_t row, int64_t time_ms,
                    const struct settings *s);

/* Trainer only.  The event at time_ms had error e (prediction with session). */
void session_learn(struct users *u, uint32_t row, int64_t time_ms, float e,
                   const struct settings *s);

#endif
