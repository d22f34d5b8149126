/* live_point.h -- test hooks of live.c, overlay.c and reclaim.c: nothing in production.
 *
 * -DLIVE_STRESS  LIVE_POINT(step) becomes a random sleep or yield behind a step
 *                of the protocol (liburcu's debug-yield), so that a stress test
 *                really meets the interleavings.  Any thread.
 * -DLIVE_MUTANT_NO_RECHECK, _NO_DRAIN, _NO_COPY, _LATE_SAVE, _NO_HOLD, _RELAXED
 *                each take away what the switch below names; `make mutants`
 *                demands that a test then fails.
 */
#ifndef FRESHET_MODEL_CORE_LIVE_POINT_H
#define FRESHET_MODEL_CORE_LIVE_POINT_H

enum live_step { LIVE_R1, LIVE_R2, LIVE_R3, LIVE_W1, LIVE_W2, LIVE_W3,
                 LIVE_W4, LIVE_S2 };

#ifdef LIVE_STRESS
void live_point(enum live_step step);
/* Boot only.  Threads take their streams of random numbers from this. */
void live_point_seed(unsigned seed);
#define LIVE_POINT(step) live_point(step)
#else
#define live_point_seed(seed) ((void)(seed))
#define LIVE_POINT(step) ((void)0)
#endif

#ifdef LIVE_MUTANT_NO_RECHECK
#define LIVE_RECHECKS 0
#else
#define LIVE_RECHECKS 1                      /* R3 */
#endif
#ifdef LIVE_MUTANT_NO_DRAIN
#define LIVE_DRAINS 0
#else
#define LIVE_DRAINS 1                        /* W1 */
#endif
#ifdef LIVE_MUTANT_NO_COPY
#define LIVE_COPIES 0
#else
#define LIVE_COPIES 1                        /* W2 */
#endif
#ifdef LIVE_MUTANT_LATE_SAVE
#define LIVE_SAVES_FIRST 0
#else
#define LIVE_SAVES_FIRST 1                   /* S1, overlay.h */
#endif
#ifdef LIVE_MUTANT_NO_HOLD
#define LIVE_HOLDS 0
#else
#define LIVE_HOLDS 1                         /* reclaim_hold() */
#endif
#ifdef LIVE_MUTANT_RELAXED
#define LIVE_PIN_ORDER memory_order_release
#else
#define LIVE_PIN_ORDER memory_order_seq_cst  /* R2 */
#endif

#endif
