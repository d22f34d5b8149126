/* config.c -- all sources in their order, and what holds between options. */
#include "config/config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_internal.h"

void config_defaults(struct config *out)
{
    char error[CONFIG_ERROR_MAX];
    size_t n;
    const struct config_option *o = config_options(&n);
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < n; i++) // a test has them all in range
        option_set(out, (int)i, o[i].fallback, "default", error);
}

bool config_set(struct config *cfg, const char *name, const char *value,
                const char *where, char error[CONFIG_ERROR_MAX])
{
    int i = option_find(name, OPTION_PLAIN);
    return i < 0 ? option_unknown(name, OPTION_PLAIN, where, error)
                 : option_set(cfg, i, value, where, error);
}

bool config_load(struct config *out, int argc, char *const *args,
                 const char **rest, int *nrest, char error[CONFIG_ERROR_MAX])
{
    error[0] = '\0';
    *nrest = 0;
    config_defaults(out);
    return source_find_file(out, argc, args, error) &&
           source_file(out, error) && source_environment(out, error) &&
           source_words(out, argc, args, rest, nrest, error) &&
           config_check(out, error);
}

bool config_reload(struct config *out, const struct config *now, int argc,
                   char *const *args, char kept[CONFIG_ERROR_MAX],
                   char error[CONFIG_ERROR_MAX])
{
    size_t n, len = 0;
    int nrest;
    const struct config_option *o = config_options(&n);
    const char **rest = calloc((size_t)argc + 1, sizeof *rest);
    kept[0] = '\0';
    if (!rest) {
        snprintf(error, CONFIG_ERROR_MAX, "out of memory");
        return false;
    }
    bool ok = config_load(out, argc, args, rest, &nrest, error);
    free(rest);
    for (size_t i = 0; ok && i < n; i++) {
        if (o[i].reloadable || option_equal(out, now, (int)i))
            continue;
        option_copy(out, now, (int)i);
        if (len + OPTION_NAME_MAX < CONFIG_ERROR_MAX) // else: some, not all
            len += (size_t)snprintf(kept + len, CONFIG_ERROR_MAX - len, "%s%s",
                                    len ? "," : "", o[i].name);
    }
    return ok;
}

bool config_hidden(const char *text, uint32_t units[CONFIG_HIDDEN_MAX])
{
    memset(units, 0, CONFIG_HIDDEN_MAX * sizeof *units);
    for (int layer = 0; *text; layer++) {
        char *end;
        if (layer == CONFIG_HIDDEN_MAX || *text < '0' || *text > '9')
            return false;
        unsigned long n = strtoul(text, &end, 10);
        if (n == 0 || n > 256 || n % 8 || (*end && (*end != ',' || !end[1])))
            return false;
        units[layer] = (uint32_t)n;
        text = end + (*end == ',');
    }
    return true;
}

bool config_check(const struct config *cfg, char error[CONFIG_ERROR_MAX])
{
    char host[256];
    uint16_t port;
    bool loopback;
    uint32_t hidden[CONFIG_HIDDEN_MAX];
    const char *what = NULL;
    if (!(cfg->model_rating_min < cfg->model_rating_max))
        what = "model.rating_min must be less than model.rating_max";
    else if (cfg->model_rating_dim % 8 != 0)
        what = "model.rating_dim must be a multiple of 8";
    else if (cfg->model_ranking_dim % 8 != 0)
        what = "model.ranking_dim must be a multiple of 8";
    else if (!config_hidden(cfg->model_hidden, hidden))
        what = "model.hidden must be up to 3 multiples of 8, at most 256, as "
               "32,16";
    else if (!config_split_listen(cfg->server_listen, host, &port, &loopback))
        what = "server.listen must be host:port, as 127.0.0.1:8470 or "
               "[::1]:8470";
    if (what)
        snprintf(error, CONFIG_ERROR_MAX, "%s", what);
    return what == NULL;
}

bool config_sample(char *buf, size_t size)
{
    size_t n, len = 0;
    const struct config_option *o = config_options(&n);
    for (size_t i = 0; i < n && len < size; i++) {
        bool first = i == 0 || strcmp(o[i].section, o[i - 1].section) != 0;
        bool quoted = o[i].type == CONFIG_TYPE_STR ||
                      o[i].type == CONFIG_TYPE_ENUM;
        if (first)
            len += (size_t)snprintf(buf + len, size - len, "%s  \"%s\": {\n",
                                    i ? "\n  },\n" : "{\n", o[i].section);
        if (len < size)
            len += (size_t)snprintf(buf + len, size - len,
                                    quoted ? "%s    \"%s\": \"%s\""
                                           : "%s    \"%s\": %s",
                                    first ? "" : ",\n", o[i].key,
                                    o[i].fallback);
    }
    if (len < size)
        len += (size_t)snprintf(buf + len, size - len, "\n  }\n}\n");
    return len < size;
}

/* ---- addresses ---------------------------------------------------------- */

/* By number, not by its first characters: 127.example.com is anywhere. */
static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6) ||
               (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
    return strcmp(host, "localhost") == 0;
}

bool config_split_listen(const char *listen, char host[256], uint16_t *port,
                         bool *loopback)
{
    const char *colon = strrchr(listen, ':');
    const char *from = listen;
    if (!colon)
        return false;
    size_t n = (size_t)(colon - listen);
    size_t digits = strspn(colon + 1, "0123456789");
    if (n > 2 && listen[0] == '[' && listen[n - 1] == ']') {
        from++;
        n -= 2;
    } else if (memchr(listen, ':', n) || listen[0] == '[') {
        return false; // IPv6 wants its brackets
    }
    if (n == 0 || n >= 256 || digits == 0 || digits > 5 || colon[1 + digits])
        return false;
    unsigned long number = strtoul(colon + 1, NULL, 10);
    if (number > 65535)
        return false;
    memcpy(host, from, n);
    host[n] = '\0';
    *port = (uint16_t)number;
    *loopback = is_loopback(host);
    return true;
}
