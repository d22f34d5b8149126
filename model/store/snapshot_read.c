/* snapshot_read.c -- see snapshot_read.h. */
#include "model/store/snapshot_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/ids.h"
#include "model/store/snapshot_load.h"
#include "model/store/snapshot_source.h"

static struct snapshot_source *source_new(char error[SNAPSHOT_ERROR_MAX])
{
    struct snapshot_source *s = calloc(1, sizeof *s);
    if (s) {
        s->fd = -1;
        s->error = error;
    }
    error[0] = '\0';
    return s;
}

static void source_free(struct snapshot_source *s)
{
    source_release(s);
    free(s);
}

enum err snapshot_peek(int dirfd, const char *name,
                       const struct snapshot_codec *codec,
                       struct snapshot_info *info,
                       char error[SNAPSHOT_ERROR_MAX])
{
    memset(info, 0, sizeof *info);
    struct snapshot_source *s = source_new(error);
    if (!s)
        return ERR_NOMEM;
    enum err err = source_open(s, dirfd, name, codec, info);
    source_free(s);
    return err;
}

/* May the model become what the file has?  Then it takes its settings. */
static enum err adopt(struct model *m, const struct snapshot_info *info,
                      char *error)
{
    struct live *live = model_live(m);
    const char *option = settings_differ(model_settings(m), &info->settings,
                                         true);
    if (option) {
        snprintf(error, SNAPSHOT_ERROR_MAX, "made with another %s", option);
        return ERR_RANGE;
    }
    if (info->users > ids_max(live_user_ids(live)) ||
        info->items > ids_max(live_item_ids(live)) ||
        info->features > ids_max(live_feature_ids(live))) {
        snprintf(error, SNAPSHOT_ERROR_MAX, "%" PRIu32 " users, %" PRIu32
                 " items and %" PRIu32 " features do not fit", info->users,
                 info->items, info->features);
        return ERR_RANGE;
    }
    model_set_configured(m, &info->configured);
    if (model_set(m, &info->settings))
        return ERR_OK;
    snprintf(error, SNAPSHOT_ERROR_MAX, "its settings cannot be taken: "
             "model.max_users or model.max_items are larger, or no memory");
    return ERR_RANGE;
}

static enum err load(struct snapshot_source *s, struct model *m,
                     const struct snapshot_codec *codec,
                     const struct snapshot_info *info)
{
    model_begin(m);
    struct load l = {.source = s, .info = info, .codec = codec,
                     .live = model_live(m), .fold = model_fold_state(m),
                     .t = model_shadow(m)};
    enum err err = load_state(&l);
    model_publish(m);
    if (err == ERR_NOMEM)
        source_fail(s, "no memory");
    if (err != ERR_OK)
        return err;
    uint64_t hash = model_hash(m);
    if (hash != info->model_hash)
        return source_fail(s, "model_hash is %016" PRIx64 ", not %016" PRIx64,
                           hash, info->model_hash);
    return ERR_OK;
}

enum err snapshot_read(int dirfd, const char *name,
                       const struct snapshot_codec *codec, struct model *m,
                       struct snapshot_info *info,
                       char error[SNAPSHOT_ERROR_MAX])
{
    memset(info, 0, sizeof *info);
    struct snapshot_source *s = source_new(error);
    if (!s)
        return ERR_NOMEM;
    enum err err = source_open(s, dirfd, name, codec, info);
    if (err == ERR_OK)
        err = source_check_crc(s);
    if (err == ERR_OK)
        err = adopt(m, info, error);
    if (err == ERR_OK)
        err = load(s, m, codec, info);
    source_free(s);
    return err;
}
