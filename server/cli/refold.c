/* refold.c -- `freshet refold`: the whole log folded again, without a daemon. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "model/learn/quality.h"
#include "model/store/recover.h"
#include "model/store/refold.h"
#include "proto/setup.h"
#include "server/app.h"
#include "server/cli/arguments.h"
#include "server/cli/command.h"
#include "server/cli/progress.h"
#include "server/fold_settings.h"
#include "server/snapshot_codec.h"

static void on_refused(void *arg, const char *name, const char *why)
{
    (void)arg;
    fprintf(stderr, "freshet refold: %s: %s\n", name, why);
}

static bool on_progress(void *arg, uint64_t seq, uint64_t last)
{
    progress_show(arg, seq, last ? (double)seq / (double)last : 1);
    return true;
}

static int complain(enum err err, const char *what)
{
    fprintf(stderr, "freshet refold: %s\n", what);
    return err == ERR_CORRUPT || err == ERR_RANGE ? EX_DATAERR
           : err == ERR_CLOSED                    ? EX_TEMPFAIL
                                                  : EX_CANTCREAT;
}

static int prepare(const char *path, const struct log_options *opt,
                   const struct settings *want)
{
    struct datadir dir;
    struct log_place bad;
    char error[DATADIR_ERROR_MAX + 256];
    enum err err = datadir_open(path, false, &dir, error);
    if (err != ERR_OK)
        return complain(err, error);
    errno = 0;
    err = refold_prepare(&dir, opt, want, &bad);
    datadir_close(&dir);
    if (err == ERR_RANGE)
        return complain(err, "the first events were dropped "
                        "(journal.keep=snapshots): there is no whole log to "
                        "fold");
    if (err == ERR_CORRUPT) {
        snprintf(error, sizeof error, "%s, offset %lld: %s; see freshet "
                 "check-log", bad.segment, (long long)bad.offset, bad.what);
        return complain(err, error);
    }
    return err == ERR_OK ? 0 : complain(err, strerror(errno));
}

static int save(struct recovery *r, struct model *m)
{
    struct snapshot_result result;
    char created[64];
    struct tm tm;
    time_t now = time(NULL);
    gmtime_r(&now, &tm);
    strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &tm);
    struct snapshot_job job = {.model = m, .slot = 0, .dirfd = r->dir.snapshot,
                               .codec = &snapshot_codec, .created = created,
                               .log_id = log_id(r->log)};
    enum err err = snapshot_take(&job, &result);
    if (err == ERR_OK)
        printf("snapshot   %s, %llu bytes\n", result.name,
               (unsigned long long)result.bytes);
    else
        fprintf(stderr, "freshet refold: no snapshot was written (%s); the next "
                "start folds the log itself\n", strerror(result.os_error));
    return 0;
}

static int fold(const struct config *cfg, const struct log_options *log,
                const struct settings *want)
{
    struct progress bar;
    struct recovery r;
    struct model *m = NULL;
    struct recover_options opt = {
        .path = cfg->data_dir, .log = *log, .codec = &snapshot_codec,
        .want = want, .nreaders = 1,
        .hooks = {&bar, on_refused, on_progress}};
    int64_t from = app_now_ns();
    progress_start(&bar, "folding", true);
    enum err err = recover_open(&r, &opt);
    if (err == ERR_OK)
        err = recover_load(&r, &m);
    bool loaded = err == ERR_OK;
    if (loaded) {
        quality_sample(model_quality(m), (uint32_t)cfg->evaluation_rank_every,
                       true);
        err = recover_replay(&r, m);
    }
    progress_clear(&bar);
    int status = err == ERR_OK ? 0 : complain(err, r.error);
    if (err == ERR_OK) {
        double seconds = (double)(app_now_ns() - from) * 1e-9;
        printf("events     %llu\nseconds    %.2f\nmodel_hash %016llx\n",
               (unsigned long long)r.last, seconds,
               (unsigned long long)model_hash(m));
        status = r.last ? save(&r, m) : 0;
    }
    if (loaded)
        model_free(m);
    recover_release(&r);
    return status;
}

int cmd_refold(int argc, char **argv)
{
    static struct config cfg;
    int status = arguments_load("refold", NULL, 0, argc, argv, &cfg, NULL);
    if (status)
        return status;
    if (!cfg.data_dir[0]) {
        fprintf(stderr, "freshet refold: which directory? Give --data.dir=DIR "
                "and the options the daemon will have\n");
        return EX_USAGE;
    }
    struct settings want = fold_settings(&cfg);
    struct log_options log = {
        .fsync = LOG_FSYNC_ALWAYS,
        .segment_bytes = (uint64_t)cfg.journal_segment_bytes / 4096 * 4096};
    proto_setup();
    status = prepare(cfg.data_dir, &log, &want);
    return status ? status : fold(&cfg, &log, &want);
}
