/* watch.pml -- waiting for a seq (model/learn/trainer.h): no wake-up is lost.
 *
 * One trainer publishes 1 .. SEQS; one worker parks a request for each of some
 * of these, in any order, and sleeps until its mailbox is flagged.  A lost
 * wake-up is a worker that sleeps for ever: an invalid end state for spin.
 *
 *   worker                              trainer
 *   watch = s            seq_cst        live_seq = b         seq_cst (after W4)
 *   live_seq >= s ? flag seq_cst        watch <= b ? forget, flag  seq_cst
 *
 * Store buffers as in live.pml.  Names as in trainer.c and server/worker.c.
 */
#ifndef SEQS
#define SEQS 4
#endif
#define NEVER 255

byte live_seq;             /* of the published copy */
byte watch = NEVER;        /* the worker's, read by the trainer */
bool mail;                 /* MAIL_REACHED */

bool seq_waits;   byte seq_value;
bool watch_waits; byte watch_value;

active proctype memory()
{
end:
    do
    :: atomic { seq_waits -> live_seq = seq_value; seq_waits = false }
    :: atomic { watch_waits -> watch = watch_value; watch_waits = false }
    od
}

#ifdef MUT_RELAXED_SEQ     /* live_publish() with release only */
#define SEQ_IS_SEQ_CST    skip
#else
#define SEQ_IS_SEQ_CST    !seq_waits
#endif
#ifdef MUT_RELAXED_WATCH   /* trainer_watch() with release only */
#define WATCH_IS_SEQ_CST  skip
#else
#define WATCH_IS_SEQ_CST  !watch_waits
#endif

active proctype trainer()
{
    byte b, want;
    do
    :: b < SEQS ->
        b++;
        atomic { !seq_waits -> seq_value = b; seq_waits = true }
        SEQ_IS_SEQ_CST;
        want = watch;                              /* tell_watchers() */
        if
        :: want > b
        :: else ->
            atomic {
                if
                :: watch == want -> watch = NEVER; want = NEVER
                :: else // being set anew: then the worker looks itself
                fi
            }
            if
            :: want == NEVER -> mail = true
            :: else
            fi
        fi
    :: else -> break
    od
}

/* worker_watch() */
inline watch_for(s)
{
    if
    :: s >= watched
    :: else ->
        watched = s;
#ifdef MUT_LOOK_FIRST
        now = live_seq;
#endif
        atomic { !watch_waits -> watch_value = s; watch_waits = true }
        WATCH_IS_SEQ_CST;
#ifndef MUT_LOOK_FIRST
        now = live_seq;
#endif
        if
        :: now >= s -> mail = true
        :: else
        fi
    fi
}

active proctype worker()
{
    bool parked[SEQS + 1];
    byte asks, waiting, watched = NEVER, k, now, lowest;
    do
    :: asks < SEQS ->                              /* request_park() */
        asks++;
        select (k : 1 .. SEQS);
        d_step {
            if
            :: !parked[k] -> parked[k] = true; waiting++
            :: else
            fi
        }
        watch_for(k)
    :: mail ->                                     /* reached() */
        mail = false;
        watched = NEVER;
        now = live_seq;
        d_step {
            lowest = NEVER;
            for (k : 1 .. SEQS) {
                if
                :: parked[k] && k <= now -> parked[k] = false; waiting--
                :: parked[k] && k > now && k < lowest -> lowest = k
                :: else
                fi
            }
        }
#ifndef MUT_NO_REWATCH
        watch_for(lowest)
#endif
    :: asks == SEQS && waiting == 0 && !mail -> break
    od
}
