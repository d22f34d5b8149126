/* route.c -- the table of routes.  See route.h. */
#include "server/http/route.h"

#include <llhttp.h>
#include <stdio.h>
#include <string.h>

#include "proto/id.h"
#include "server/api/api.h"
#include "server/api/intake_kind.h"

#define INGEST(kind)                                                           \
    api_ingest, api_stream, api_stream_end, api_stream_cut,                    \
        api_stream_abandon, &kind

/* clang-format off */
static const struct route routes[] = {
/*   name             method     path                            scope          body                       query */
    {"predict",        HTTP_POST, "/v1/predict",                  SCOPE_PREDICT, ROUTE_JSON,                QUERY_MIN_SEQ,
     api_predict, NULL, NULL, NULL, NULL, NULL},
    {"explain",        HTTP_POST, "/v1/explain",                  SCOPE_PREDICT, ROUTE_JSON,                QUERY_MIN_SEQ,
     api_explain, NULL, NULL, NULL, NULL, NULL},
    {"ratings",        HTTP_POST, "/v1/ratings",                  SCOPE_INGEST,  ROUTE_JSON | ROUTE_NDJSON, QUERY_WAIT,
     INGEST(intake_ratings)},
    {"events",         HTTP_POST, "/v1/events",                   SCOPE_INGEST,  ROUTE_JSON | ROUTE_NDJSON, QUERY_WAIT,
     INGEST(intake_behaviours)},
    {"items",          HTTP_POST, "/v1/items",                    SCOPE_INGEST,  ROUTE_JSON | ROUTE_NDJSON, QUERY_WAIT,
     INGEST(intake_items)},
    {"item",           HTTP_GET,  "/v1/items/{id}",               SCOPE_PREDICT, ROUTE_NO_BODY,             QUERY_MIN_SEQ,
     api_item, NULL, NULL, NULL, NULL, NULL},
    {"item_put",       HTTP_PUT,  "/v1/items/{id}",               SCOPE_INGEST,  ROUTE_JSON,                QUERY_WAIT,
     api_ingest, NULL, NULL, NULL, NULL, &intake_items},
    {"item_delete",    HTTP_DELETE, "/v1/items/{id}",             SCOPE_INGEST,  ROUTE_NO_BODY,             QUERY_WAIT,
     api_ingest, NULL, NULL, NULL, NULL, &intake_item_delete},
    {"users",          HTTP_POST, "/v1/users",                    SCOPE_INGEST,  ROUTE_JSON | ROUTE_NDJSON, QUERY_WAIT,
     INGEST(intake_users)},
    {"user",           HTTP_GET,  "/v1/users/{id}",               SCOPE_ADMIN,   ROUTE_NO_BODY,             QUERY_MIN_SEQ,
     api_user, NULL, NULL, NULL, NULL, NULL},
    {"user_put",       HTTP_PUT,  "/v1/users/{id}",               SCOPE_INGEST,  ROUTE_JSON,                QUERY_WAIT,
     api_ingest, NULL, NULL, NULL, NULL, &intake_users},
    {"recommend",      HTTP_POST, "/v1/recommend",                SCOPE_PREDICT, ROUTE_JSON,                QUERY_MIN_SEQ,
     api_recommend, NULL, NULL, NULL, NULL, NULL},
    {"recommendations", HTTP_GET, "/v1/users/{id}/recommendations", SCOPE_PREDICT, ROUTE_NO_BODY,           QUERY_MIN_SEQ | QUERY_OWN,
     api_recommendations, NULL, NULL, NULL, NULL, NULL},
    {"popular",        HTTP_GET,  "/v1/popular",                  SCOPE_PREDICT, ROUTE_NO_BODY,             QUERY_MIN_SEQ | QUERY_OWN,
     api_popular, NULL, NULL, NULL, NULL, NULL},
    {"latest",         HTTP_GET,  "/v1/latest",                   SCOPE_PREDICT, ROUTE_NO_BODY,             QUERY_MIN_SEQ | QUERY_OWN,
     api_latest, NULL, NULL, NULL, NULL, NULL},
    {"similar_items",  HTTP_GET,  "/v1/items/{id}/similar",       SCOPE_PREDICT, ROUTE_NO_BODY,             QUERY_MIN_SEQ | QUERY_OWN,
     api_similar_items, NULL, NULL, NULL, NULL, NULL},
    {"similar_users",  HTTP_GET,  "/v1/users/{id}/similar",       SCOPE_ADMIN,   ROUTE_NO_BODY,             QUERY_MIN_SEQ | QUERY_OWN,
     api_similar_users, NULL, NULL, NULL, NULL, NULL},
    {"user_export",    HTTP_GET,  "/v1/users/{id}/export",        SCOPE_ADMIN,   ROUTE_NO_BODY,             QUERY_OWN,
     api_user_export, NULL, NULL, NULL, NULL, NULL},
    {"user_erase",     HTTP_DELETE, "/v1/users/{id}",             SCOPE_ADMIN,   ROUTE_NO_BODY,             0,
     api_user_erase, NULL, NULL, NULL, NULL, NULL},
    {"rating_retract", HTTP_DELETE, "/v1/users/{id}/ratings/{id}", SCOPE_INGEST, ROUTE_NO_BODY,             0,
     api_rating_retract, NULL, NULL, NULL, NULL, NULL},
    {"snapshot",       HTTP_POST, "/v1/admin/snapshot",           SCOPE_ADMIN,   ROUTE_NO_BODY,             0,
     api_snapshot, NULL, NULL, NULL, NULL, NULL},
    {"vectors",        HTTP_POST, "/v1/admin/vectors",            SCOPE_ADMIN,   ROUTE_JSON | ROUTE_NDJSON, QUERY_WAIT,
     INGEST(intake_vectors)},
    {"train",          HTTP_POST, "/v1/admin/train",              SCOPE_ADMIN,   ROUTE_JSON,                QUERY_WAIT,
     api_ingest, NULL, NULL, NULL, NULL, &intake_train},
    {"rollback",       HTTP_POST, "/v1/admin/rollback",           SCOPE_ADMIN,   ROUTE_JSON,                0,
     api_rollback, NULL, NULL, NULL, NULL, NULL},
    {"pause",          HTTP_POST, "/v1/admin/pause",              SCOPE_ADMIN,   ROUTE_NO_BODY,             0,
     api_pause, NULL, NULL, NULL, NULL, NULL},
    {"resume",         HTTP_POST, "/v1/admin/resume",             SCOPE_ADMIN,   ROUTE_NO_BODY,             0,
     api_resume, NULL, NULL, NULL, NULL, NULL},
    {"settings",       HTTP_GET,  "/v1/admin/settings",           SCOPE_ADMIN,   ROUTE_NO_BODY,             QUERY_MIN_SEQ,
     api_settings, NULL, NULL, NULL, NULL, NULL},
    {"settings_set",   HTTP_POST, "/v1/admin/settings",           SCOPE_ADMIN,   ROUTE_JSON,                0,
     api_settings_set, NULL, NULL, NULL, NULL, NULL},
    {"stats",          HTTP_GET,  "/v1/stats",                    SCOPE_PREDICT, ROUTE_NO_BODY,             QUERY_MIN_SEQ,
     api_stats, NULL, NULL, NULL, NULL, NULL},
    {"evaluation",     HTTP_GET,  "/v1/evaluation",               SCOPE_PREDICT, ROUTE_NO_BODY,             QUERY_MIN_SEQ | QUERY_OWN,
     api_evaluation, NULL, NULL, NULL, NULL, NULL},
    {"metrics",        HTTP_GET,  "/metrics",                     SCOPE_OPEN,    ROUTE_NO_BODY,             0,
     api_metrics, NULL, NULL, NULL, NULL, NULL},
    {"live",           HTTP_GET,  "/health/live",                 SCOPE_OPEN,    ROUTE_NO_BODY,             0,
     api_health_live, NULL, NULL, NULL, NULL, NULL},
    {"ready",          HTTP_GET,  "/health/ready",                SCOPE_OPEN,    ROUTE_NO_BODY,             0,
     api_health_ready, NULL, NULL, NULL, NULL, NULL},
};
/* clang-format on */

#define NROUTES (sizeof routes / sizeof *routes)

const struct route *route_table(size_t *n)
{
    *n = NROUTES;
    return routes;
}

size_t route_index(const struct route *route)
{
    return (size_t)(route - routes);
}

/* The bytes of the {id}s of a path, in order. */
struct path_ids {
    const char *at[2];
    size_t len[2];
    int n;
};

/* Does path[0..n) fit the pattern?  {id} stands for one segment. */
static bool path_fits(const char *pattern, const char *path, size_t n,
                      struct path_ids *ids)
{
    const char *end = path + n;
    ids->n = 0;
    while (*pattern) {
        if (strncmp(pattern, "{id}", 4) != 0) {
            if (path == end || *path++ != *pattern++)
                return false;
            continue;
        }
        const char *slash = memchr(path, '/', (size_t)(end - path));
        const char *stop = slash ? slash : end;
        ids->at[ids->n] = path;
        ids->len[ids->n++] = (size_t)(stop - path);
        path = stop;
        pattern += 4;
    }
    return path == end;
}

static bool take_id(char to[ID_BYTES_MAX + 1], uint32_t *to_len,
                    const char *id, size_t n, struct fail *f)
{
    char decoded[3 * ID_BYTES_MAX];
    size_t len;
    if (n > sizeof decoded)
        return fail_set(f, FAIL_invalid_id, "the id in the path is longer "
                        "than %d bytes", ID_BYTES_MAX);
    if (!id_decode_path(id, n, decoded, &len))
        return fail_set(f, FAIL_bad_path, NULL);
    if (!id_valid(decoded, len))
        return fail_set(f, FAIL_invalid_id, "the id in the path is not "
                        "1..%d bytes of UTF-8 without control characters",
                        ID_BYTES_MAX);
    memcpy(to, decoded, len);
    to[len] = '\0';
    *to_len = (uint32_t)len;
    return true;
}

static bool take_ids(struct request *r, const struct path_ids *ids,
                     struct fail *f)
{
    return (ids->n < 1 ||
            take_id(r->id, &r->id_len, ids->at[0], ids->len[0], f)) &&
           (ids->n < 2 ||
            take_id(r->id2, &r->id2_len, ids->at[1], ids->len[1], f));
}

static void add_method(char allow[64], const char *name)
{
    size_t used = strlen(allow);
    snprintf(allow + used, 64 - used, "%s%s", used ? ", " : "", name);
}

const struct route *route_find(struct request *r, struct fail *f,
                               char allow[64])
{
    unsigned char method = r->method == HTTP_HEAD ? HTTP_GET : r->method;
    allow[0] = '\0';
    for (size_t i = 0; i < NROUTES; i++) {
        struct path_ids ids;
        if (!path_fits(routes[i].path, r->url.p, r->path_len, &ids))
            continue;
        if (routes[i].method == method)
            return take_ids(r, &ids, f) ? &routes[i] : NULL;
        add_method(allow, llhttp_method_name(routes[i].method));
        if (routes[i].method == HTTP_GET)
            add_method(allow, "HEAD");
    }
    if (allow[0])
        fail_set(f, FAIL_method_not_allowed, "this path knows: %s", allow);
    else
        fail_set(f, FAIL_unknown_route, "there is nothing at %.*s",
                 r->path_len < 80 ? (int)r->path_len : 80, r->url.p);
    return NULL;
}
