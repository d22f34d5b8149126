/* live_point.h -- test hooks of live.c: nothing in production.
 *
 * -DLIVE_STRESS  LIVE_POINT(step) becomes a random sleep or yield between the
 *                steps of the protocol (liburcu's debug-yield), so that a stress
 *                test really meets the interleavings.
 * -DLIVE_MUTANT_NO_RECHECK, _NO_DRAIN, _NO_COPY, _RELAXED each remove one step;
 *                `make mutants` demands that the tests then fail.
 */
#ifndef FRESHET_MODEL_CORE_LIVE_POINT_H
#define FRESHET_MODEL_CORE_LIVE_POINT_H

enum live_step { LIVE_R1, LIVE_R2, LIVE_R3, LIVE_W1, LIVE_W2, LIVE_W3 };

#ifdef LIVE_STRESS
void live_point(enum live_step step);
/* Boot only. */
void live_point_seed(unsigned seed);
#define LIVE_POINT(step) live_point(step)
#else
#define LIVE_POINT(step) ((void)0)
#endif

#ifdef LIVE_MUTANT_NO_RECHECK
#define LIVE_MUTANT_RECHECK 1
#else
#define LIVE_MUTANT_RECHECK 0
#endif
#ifdef LIVE_MUTANT_NO_DRAIN
#define LIVE_MUTANT_DRAIN 1
#else
#define LIVE_MUTANT_DRAIN 0
#endif
#ifdef LIVE_MUTANT_NO_COPY
#define LIVE_MUTANT_COPY 1
#else
#define LIVE_MUTANT_COPY 0
#endif
#ifdef LIVE_MUTANT_RELAXED
#define LIVE_PIN_ORDER memory_order_release
#else
#define LIVE_PIN_ORDER memory_order_seq_cst
#endif

#endif
