/* live.pml -- the protocol of model/core/live.h, all interleavings of it: NR
 * readers, one trainer, two copies, one id map.  run.sh runs it.
 *
 * MEMORY  Every thread has a store buffer of one entry for the stores that race
 * (pin, gen): it reaches memory at any later time, but before the thread's next
 * such store.  So a store may become visible after a later load, as on x86-TSO;
 * seq_cst is a thread that waits until its buffer is empty.  All other stores
 * are visible at once, which is earlier than gen, as release makes them.
 *
 * DATA  Batch b = 1, 2, .. writes b into row (b - 1) % 2; the first two batches
 * create their row and its id.  So what batch b leaves behind is known, and a
 * reader compares all of it, in two looks:
 *     n = min(b, 2)     row[(b - 1) % 2] = b     row[b % 2] = b - 1
 * Each batch also replaces the view of the id map, as if it always had to grow
 * (ids.c): view v is retired in batch v + 1 and freed in the begin after that
 * (reclaim.h).
 *
 * Steps are named as in live.h and live.c.  -DMUT_x removes one idea; run.sh
 * demands that each then fails.
 */
#ifndef NR
#define NR 2
#endif
#ifndef BATCHES
#define BATCHES 4
#endif
#ifndef LOOKS
#define LOOKS 2
#endif
#define IDLE 255

typedef table { byte batch; byte n; byte row[2] }

table copy[2];
byte gen = 2;              /* the published generation: copy[gen % 2] */
byte pin[NR];              /* IDLE, or the generation a reader uses */
byte seq;                  /* live_seq(): newest published batch */
byte ids;                  /* the map: rows that have an id */
byte view;                 /* the map: its newest view */
byte freed;                /* ghost: views below this are freed */
byte reading[2];           /* ghost: readers inside a copy */
bool writing[2];           /* ghost: trainer inside a copy */

/* ---- store buffers ------------------------------------------------------ */

bool pin_waits[NR]; byte pin_value[NR];
bool gen_waits;     byte gen_value;

active proctype memory()
{
end:
    do
    :: atomic { gen_waits -> gen = gen_value; gen_value = 0; gen_waits = false }
    :: atomic { pin_waits[0] -> pin[0] = pin_value[0]; pin_value[0] = 0;
                pin_waits[0] = false }
#if NR > 1
    :: atomic { pin_waits[1] -> pin[1] = pin_value[1]; pin_value[1] = 0;
                pin_waits[1] = false }
#endif
#if NR > 2
    :: atomic { pin_waits[2] -> pin[2] = pin_value[2]; pin_value[2] = 0;
                pin_waits[2] = false }
#endif
    od
}

inline store_pin(r, v)
{
    atomic { !pin_waits[r] -> pin_value[r] = v; pin_waits[r] = true }
}

inline store_gen(v)
{
    atomic { !gen_waits -> gen_value = v; gen_waits = true }
}

#ifdef MUT_RELAXED_PIN     /* R2 with release only: LIVE_MUTANT_RELAXED */
#define PIN_IS_SEQ_CST(r) skip
#else
#define PIN_IS_SEQ_CST(r) !pin_waits[r]
#endif
#ifdef MUT_RELAXED_GEN     /* W4 with release only */
#define GEN_IS_SEQ_CST    skip
#else
#define GEN_IS_SEQ_CST    !gen_waits
#endif

/* ---- reader ------------------------------------------------------------- */

#define IS_LEFT_BY(t, b) \
    ((b) == 0 -> t.n == 0 : \
     t.row[((b) - 1) & 1] == (b) && \
     ((b) == 1 -> t.n == 1 : t.n == 2 && t.row[(b) & 1] == (b) - 1))

proctype reader(byte r)
{
    byte g, b, v, i, last, looks;
    do
    :: looks < LOOKS ->
        last = (seq > last -> seq : last);         /* live_seq(), unpinned */
        g = gen;                                   /* R1 */
        store_pin(r, g);                           /* R2 */
        PIN_IS_SEQ_CST(r);
#ifndef MUT_NO_RECHECK
        do                                         /* R3 */
        :: gen == g -> break
        :: else -> g = gen; store_pin(r, g); PIN_IS_SEQ_CST(r)
        od;
#endif
        atomic {                                   /* R4: a first look */
            reading[g & 1]++;
            assert(!writing[g & 1]);
            b = copy[g & 1].batch;
            assert(b >= last);                     /* never back in time */
            last = b
        }
        atomic { v = view; i = ids }               /* R4: ids_find() */
#ifdef MUT_EARLY_UNPIN
        store_pin(r, IDLE);
#endif
        atomic {                                   /* R4: and a second */
            assert(!writing[g & 1]);
            assert(copy[g & 1].batch == b);        /* it does not move */
            assert(IS_LEFT_BY(copy[g & 1], b));    /* and is what b left */
            assert(v >= freed);
            assert(i >= copy[g & 1].n);            /* its rows have ids */
#ifndef MUT_NO_BOUND
            i = (i < copy[g & 1].n -> i : copy[g & 1].n);
#endif
            assert(i == 0 || copy[g & 1].row[i - 1] > 0);
            reading[g & 1]--
        }
#ifndef MUT_EARLY_UNPIN
        store_pin(r, IDLE);                        /* R5 */
#endif
        d_step { g = 0; b = 0; v = 0; i = 0; looks++ }
    :: else -> break
    od
}

/* ---- trainer ------------------------------------------------------------ */

proctype trainer()
{
    byte i, b, g = 2;
#define LIVE   copy[g & 1]
#define SHADOW copy[(g + 1) & 1]
#define ROW    ((b - 1) & 1)                       /* the one batch b writes */
    do
    :: b < BATCHES ->
#ifdef MUT_EARLY_FREE
        freed = b;
#endif
#ifndef MUT_NO_DRAIN
        do                                         /* W1 */
        :: i < NR && pin[i] != g - 1 -> i++
        :: i == NR -> i = 0; break
        od;
#endif
        atomic {
            writing[(g + 1) & 1] = true;
            assert(reading[(g + 1) & 1] == 0)
        }
#ifndef MUT_NO_COPY
        if                                         /* W2: the row marked in b */
        :: b > 0 -> SHADOW.row[ROW] = LIVE.row[ROW]
        :: else
        fi;
#endif
        d_step {
            SHADOW.n = LIVE.n;
            SHADOW.batch = LIVE.batch;
            assert(IS_LEFT_BY(SHADOW, b))          /* shadow equals live */
        }
#ifndef MUT_EARLY_FREE
        freed = b;                                 /* reclaim_flip() */
#endif
        b++;                                       /* W3 */
        view = b;                                  /* b - 1 is retired */
        if
        :: LIVE.n < 2 -> ids++                     /* ids_add() */
        :: else
        fi;
        SHADOW.row[ROW] = b;
        SHADOW.n = ids;
        atomic { SHADOW.batch = b; writing[(g + 1) & 1] = false }
#ifdef MUT_SEQ_FIRST
        seq = b;
#endif
        g++;
        store_gen(g);                              /* W4 */
        GEN_IS_SEQ_CST;
#ifndef MUT_SEQ_FIRST
        seq = b
#endif
    :: else -> break
    od
}

init {
    atomic {
        byte r;
        for (r : 0 .. NR - 1) { pin[r] = IDLE }
        for (r : 0 .. NR - 1) { run reader(r) }
        run trainer()
    }
}
