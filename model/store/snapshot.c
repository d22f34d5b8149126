/* snapshot.c -- see snapshot.h. */
#include "model/store/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/core/overlay.h"
#include "model/learn/trainer.h"
#include "model/store/snapshot_file.h"
#include "model/store/snapshot_stream.h"

#define SUFFIX ".safetensors"
#define DIGITS 20

/* ---- names ------------------------------------------------------------- */

void snapshot_name(uint64_t seq, char name[SNAPSHOT_NAME_MAX])
{
    snprintf(name, SNAPSHOT_NAME_MAX, "%020" PRIu64 SUFFIX, seq);
}

bool snapshot_seq_of(const char *name, uint64_t *seq)
{
    char canonical[SNAPSHOT_NAME_MAX];
    if (strspn(name, "0123456789") != DIGITS)
        return false;
    errno = 0;
    *seq = strtoull(name, NULL, 10);
    snapshot_name(*seq, canonical);
    return errno == 0 && strcmp(name, canonical) == 0;
}

bool snapshot_is_leftover(const char *name)
{
    return strspn(name, "0123456789") == DIGITS &&
           strcmp(name + DIGITS, SUFFIX ".tmp") == 0;
}

/* ---- the cut ----------------------------------------------------------- */

/* What the trainer is asked to do. */
struct asked {
    struct model *model;
    struct overlay *overlay;
    struct model_cut *cut;
    enum err err;
    int64_t took_ns;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void begin(void *arg)
{
    struct asked *a = arg;
    int64_t from = now_ns();
    a->err = model_snapshot_begin(a->model, a->overlay, a->cut);
    a->took_ns = now_ns() - from;
}

static void end(void *arg)
{
    struct asked *a = arg;
    model_snapshot_end(a->model);
}

static void ask(const struct snapshot_job *job, void (*fn)(void *arg),
                struct asked *a)
{
    if (job->trainer)
        trainer_run(job->trainer, fn, a);
    else
        fn(a);
}

/* ---- the file ---------------------------------------------------------- */

/* What it takes to write one; too large for the stack. */
struct taking {
    struct model_cut cut;
    struct snapshot_file file;
    struct stream stream;
};

static enum err stream_all(struct stream *s)
{
    static enum err (*const parts[])(struct stream *) = {
        stream_users, stream_items, stream_features, stream_history,
        stream_mlp, stream_totals, stream_evaluation, stream_names};
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && err == ERR_OK; i++)
        err = parts[i](s);
    // The last word on whether what was read is what it was.
    return err == ERR_OK ? overlay_state(s->overlay) : err;
}

/* Opens the file and fills it with the state at the cut. */
static enum err write_state(struct taking *t, const struct snapshot_job *job,
                            struct overlay *overlay,
                            struct snapshot_result *result)
{
    struct plan *p = &t->file.plan;
    p->dims = (struct dims){t->cut.settings.dim, t->cut.settings.rdim};
    p->users = t->cut.users;
    p->items = t->cut.items;
    p->features = t->cut.features;
    p->history = t->cut.history.n;
    p->positives = t->cut.positives.n;
    p->user_card_bytes = t->cut.user_cards.bytes;
    p->item_card_bytes = t->cut.item_cards.bytes;
    p->evaluation = t->cut.evaluation_words;
    p->mlp = t->cut.mlp;
    plan_make(p);
    result->failed = "create the file";
    enum err err = snapshot_file_open(&t->file, t->cut.totals.seq);
    if (err != ERR_OK)
        return err;
    result->failed = "write the file";
    t->stream = (struct stream){.live = model_live(job->model),
                                .slot = job->slot, .cut = &t->cut,
                                .overlay = overlay, .file = &t->file,
                                .chunk_rows = job->chunk_rows};
    return stream_all(&t->stream);
}

static enum err take(struct taking *t, const struct snapshot_job *job,
                     struct snapshot_result *result)
{
    struct overlay *overlay = overlay_new();
    struct asked a = {.model = job->model, .overlay = overlay, .cut = &t->cut};
    result->failed = "keep what changes";
    if (!overlay)
        return ERR_NOMEM;
    ask(job, begin, &a);
    enum err err = a.err;
    result->cut_ns = a.took_ns;
    result->seq = t->cut.totals.seq;
    if (err == ERR_OK) {
        err = write_state(t, job, overlay, result);
        int os_error = errno;
        ask(job, end, &a);
        errno = os_error;
    }
    struct overlay_stats stats;
    overlay_stats(overlay, &stats);
    result->saved = stats.saved;
    result->saved_bytes = stats.bytes;
    result->longest_pin_ns = t->stream.longest_pin_ns;
    overlay_free(overlay);
    if (err != ERR_OK)
        return err;
    result->failed = "finish the file";
    result->model_hash = t->stream.hash;
    snapshot_name(result->seq, result->name);
    return snapshot_file_finish(&t->file, &t->cut, result->model_hash,
                                result->name, &result->bytes);
}

enum err snapshot_take(const struct snapshot_job *job,
                       struct snapshot_result *result)
{
    memset(result, 0, sizeof *result);
    result->failed = "begin";
    struct taking *t = calloc(1, sizeof *t);
    if (!t)
        return ERR_NOMEM;
    t->file.job = job;
    t->file.fd = -1;
    enum err err = take(t, job, result);
    if (err == ERR_IO || err == ERR_NOSPACE)
        result->os_error = errno;
    if (err == ERR_OK)
        result->failed = NULL;
    snapshot_file_release(&t->file);
    free(t);
    return err;
}
