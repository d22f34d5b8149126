/* route.c -- the table of routes.  See route.h. */
#include "server/http/route.h"

#include <llhttp.h>
#include <stdio.h>
#include <string.h>

#include "proto/id.h"
#include "server/api/api.h"

/* clang-format off */
static const struct route routes[] = {
/*   name             method     path                            scope          body                       query */
    {"predict",        HTTP_POST, "/v1/predict",                  SCOPE_PREDICT, ROUTE_JSON,                QUERY_MIN_SEQ,
     api_predict, NULL, NULL, NULL, NULL},
    {"ratings",        HTTP_POST, "/v1/ratings",                  SCOPE_INGEST,  ROUTE_JSON | ROUTE_NDJSON, QUERY_WAIT,
     api_ratings, api_ratings_stream, api_ratings_stream_end, api_ratings_stream_cut,
     api_ratings_stream_abandon},
    {"recommend",      HTTP_POST, "/v1/recommend",                SCOPE_PREDICT, ROUTE_JSON,                QUERY_MIN_SEQ,
     api_recommend, NULL, NULL, NULL, NULL},
    {"recommendations", HTTP_GET, "/v1/users/{id}/recommendations", SCOPE_PREDICT, ROUTE_NO_BODY,           QUERY_MIN_SEQ | QUERY_OWN,
     api_recommendations, NULL, NULL, NULL, NULL},
    {"stats",          HTTP_GET,  "/v1/stats",                    SCOPE_PREDICT, ROUTE_NO_BODY,             QUERY_MIN_SEQ,
     api_stats, NULL, NULL, NULL, NULL},
    {"metrics",        HTTP_GET,  "/metrics",                     SCOPE_OPEN,    ROUTE_NO_BODY,             0,
     api_metrics, NULL, NULL, NULL, NULL},
    {"live",           HTTP_GET,  "/health/live",                 SCOPE_OPEN,    ROUTE_NO_BODY,             0,
     api_health_live, NULL, NULL, NULL, NULL},
    {"ready",          HTTP_GET,  "/health/ready",                SCOPE_OPEN,    ROUTE_NO_BODY,             0,
     api_health_ready, NULL, NULL, NULL, NULL},
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

/* Does path[0..n) fit the pattern?  The bytes of {id} go to *id, *id_len. */
static bool path_fits(const char *pattern, const char *path, size_t n,
                      const char **id, size_t *id_len)
{
    const char *brace = strchr(pattern, '{');
    if (!brace) // path has no NUL: equal over n bytes is equal so far
        return strncmp(pattern, path, n) == 0 && pattern[n] == '\0';
    size_t before = (size_t)(brace - pattern);
    const char *tail = brace + 4;
    size_t after = strlen(tail);
    if (n < before + after || memcmp(pattern, path, before) != 0 ||
        memcmp(tail, path + n - after, after) != 0)
        return false;
    *id = path + before;
    *id_len = n - before - after;
    return !memchr(*id, '/', *id_len);
}

static bool take_id(struct request *r, const char *id, size_t n,
                    struct fail *f)
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
    memcpy(r->id, decoded, len);
    r->id[len] = '\0';
    r->id_len = (uint32_t)len;
    return true;
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
        const char *id = NULL;
        size_t id_len = 0;
        if (!path_fits(routes[i].path, r->url.p, r->path_len, &id, &id_len))
            continue;
        if (routes[i].method == method)
            return !id || take_id(r, id, id_len, f) ? &routes[i] : NULL;
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
