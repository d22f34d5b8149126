/* config.c -- the sources of the options, in their order.  See config.h. */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config_internal.h"

#define FILE_BYTES_MAX 1048576

extern char **environ;

static bool set_defaults(struct config *cfg, char error[CONFIG_ERROR_MAX])
{
    size_t n;
    const struct config_option *o = config_options(&n);
    memset(cfg, 0, sizeof *cfg);
    for (size_t i = 0; i < n; i++)
        if (!option_set(cfg, (int)i, o[i].fallback, "default", error))
            return false;
    return true;
}

/* ---- the file ---------------------------------------------------------- */

static bool set_named(void *arg, const char *name, const char *value,
                      const char *where, char error[CONFIG_ERROR_MAX])
{
    int i = option_find(name, false);
    if (i < 0) {
        option_unknown(name, where, error);
        return false;
    }
    return option_set(arg, i, value, where, error);
}

static char *read_whole(const char *path, size_t *n,
                        char error[CONFIG_ERROR_MAX])
{
    struct stat st;
    char *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        snprintf(error, CONFIG_ERROR_MAX, "%.200s: %s", path, strerror(errno));
        goto out;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX) {
        snprintf(error, CONFIG_ERROR_MAX, "%.200s: not a file of options",
                 path);
        goto out;
    }
    text = malloc((size_t)st.st_size + 1);
    if (!text) {
        snprintf(error, CONFIG_ERROR_MAX, "out of memory");
        goto out;
    }
    ssize_t got = read(fd, text, (size_t)st.st_size);
    if (got < 0) {
        snprintf(error, CONFIG_ERROR_MAX, "%.200s: %s", path, strerror(errno));
        free(text);
        text = NULL;
    } else
        *n = (size_t)got;
out:
    if (fd >= 0)
        close(fd);
    return text;
}

static bool read_file(struct config *cfg, char error[CONFIG_ERROR_MAX])
{
    char said[CONFIG_ERROR_MAX] = "";
    size_t n;
    if (!cfg->file[0])
        return true;
    char *text = read_whole(cfg->file, &n, error);
    if (!text)
        return false;
    bool ok = config_json_read(text, n, set_named, cfg, said);
    free(text);
    if (!ok)
        snprintf(error, CONFIG_ERROR_MAX, "%.150s, %.340s", cfg->file, said);
    return ok;
}

/* ---- environment ------------------------------------------------------- */

/* Names with our prefix that are not options. */
static bool is_ours_otherwise(const char *name, size_t n)
{
    static const char *const names[] = {"AUTH_TOKEN", "SHARED", "URL", "BIN"};
    if (n >= 5 && memcmp(name, "TEST_", 5) == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == n && memcmp(name, names[i], n) == 0)
            return true;
    return false;
}

static bool read_environment(struct config *cfg, char error[CONFIG_ERROR_MAX])
{
    static const char prefix[] = "FRESHET_";
    size_t skip = sizeof prefix - 1;
    for (char **e = environ; e && *e; e++) {
        char name[128];
        const char *eq = strchr(*e, '=');
        if (!eq || strncmp(*e, prefix, skip) != 0)
            continue;
        size_t n = (size_t)(eq - *e) - skip;
        if (is_ours_otherwise(*e + skip, n))
            continue;
        snprintf(name, sizeof name, "%.*s", (int)n, *e + skip);
        int i = option_find(name, true);
        if (i < 0) {
            snprintf(error, CONFIG_ERROR_MAX, "environment: FRESHET_%.100s is "
                     "not an option (they are FRESHET_SECTION_NAME; freshet "
                     "help options lists them)", name);
            return false;
        }
        if (!option_set(cfg, i, eq + 1, "environment", error))
            return false;
    }
    return true;
}

/* ---- command line ------------------------------------------------------ */

/* What a word of the command line is: "--config", an option, or neither. */
enum word { WORD_OTHER, WORD_CONFIG, WORD_OPTION };

/* name: without dashes and "=value"; *value: behind "=", or the next word
 * (*used = 2), or NULL. */
static enum word classify(int argc, char *const *args, int at, char name[128],
                          const char **value, int *used)
{
    const char *w = args[at];
    size_t n = strcspn(w, "=");
    *used = 1;
    if (strncmp(w, "--", 2) != 0 || n >= 128)
        return WORD_OTHER;
    snprintf(name, 128, "%.*s", (int)(n - 2), w + 2);
    bool config = strcmp(name, "config") == 0;
    if (!config && !strchr(name, '.'))
        return WORD_OTHER;
    *value = w[n] == '=' ? w + n + 1 : NULL;
    if (!*value && at + 1 < argc) {
        *value = args[at + 1];
        *used = 2;
    }
    return config ? WORD_CONFIG : WORD_OPTION;
}

static bool no_value(const char *name, char error[CONFIG_ERROR_MAX])
{
    snprintf(error, CONFIG_ERROR_MAX, "--%s needs a value: --%s=VALUE", name,
             name);
    return false;
}

/* --config is looked for first: the file comes before the environment. */
static bool find_config(struct config *cfg, int argc, char *const *args,
                        char error[CONFIG_ERROR_MAX])
{
    char name[128];
    const char *value;
    int used;
    for (int i = 0; i < argc; i += used) {
        if (classify(argc, args, i, name, &value, &used) != WORD_CONFIG)
            continue;
        if (!value)
            return no_value(name, error);
        snprintf(cfg->file, sizeof cfg->file, "%s", value);
    }
    return true;
}

static bool read_words(struct config *cfg, int argc, char *const *args,
                       const char **rest, int *nrest,
                       char error[CONFIG_ERROR_MAX])
{
    char name[128];
    const char *value;
    int used;
    *nrest = 0;
    for (int i = 0; i < argc; i += used) {
        enum word w = classify(argc, args, i, name, &value, &used);
        if (w == WORD_OTHER) {
            rest[(*nrest)++] = args[i];
        } else if (w == WORD_OPTION) {
            int o = option_find(name, false);
            if (o < 0) {
                option_unknown(name, "command line", error);
                return false;
            }
            if (!value)
                return no_value(name, error);
            if (!option_set(cfg, o, value, "command line", error))
                return false;
        }
    }
    return true;
}

bool config_load(struct config *out, int argc, char *const *args,
                 const char **rest, int *nrest, char error[CONFIG_ERROR_MAX])
{
    error[0] = '\0';
    return set_defaults(out, error) && find_config(out, argc, args, error) &&
           read_file(out, error) && read_environment(out, error) &&
           read_words(out, argc, args, rest, nrest, error) &&
           config_check(out, error);
}

/* ---- between options, and again ---------------------------------------- */

bool config_check(const struct config *cfg, char error[CONFIG_ERROR_MAX])
{
    char host[256];
    uint16_t port;
    bool loopback;
    const char *what = NULL;
    if (!(cfg->model_rating_min < cfg->model_rating_max))
        what = "model.rating_min must be less than model.rating_max";
    else if (cfg->model_rating_dim % 8 != 0)
        what = "model.rating_dim must be a multiple of 8";
    else if (!config_split_listen(cfg->server_listen, host, &port, &loopback))
        what = "server.listen must be host:port, as 127.0.0.1:8470 or "
               "[::1]:8470";
    if (what)
        snprintf(error, CONFIG_ERROR_MAX, "%s", what);
    return what == NULL;
}

bool config_reload(struct config *out, const struct config *now, int argc,
                   char *const *args, char kept[CONFIG_ERROR_MAX],
                   char error[CONFIG_ERROR_MAX])
{
    size_t n;
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
        char before[CONFIG_STR_MAX], after[CONFIG_STR_MAX];
        config_print(now, &o[i], before, sizeof before);
        config_print(out, &o[i], after, sizeof after);
        if (o[i].reloadable || strcmp(before, after) == 0)
            continue;
        size_t len = strlen(kept);
        snprintf(kept + len, CONFIG_ERROR_MAX - len, "%s%s", len ? "," : "",
                 o[i].name);
        ok = option_set(out, (int)i, before, "reload", error);
    }
    return ok;
}

bool config_split_listen(const char *listen, char host[256], uint16_t *port,
                         bool *loopback)
{
    const char *colon = strrchr(listen, ':');
    const char *from = listen;
    char *end;
    if (!colon || !colon[1])
        return false;
    size_t n = (size_t)(colon - listen);
    if (n > 2 && listen[0] == '[' && listen[n - 1] == ']') {
        from++;
        n -= 2;
    } else if (memchr(listen, ':', n))
        return false; // IPv6 wants its brackets
    if (n == 0 || n >= 256 || colon[1] < '0' || colon[1] > '9')
        return false;
    memcpy(host, from, n);
    host[n] = '\0';
    long v = strtol(colon + 1, &end, 10);
    if (*end || v < 0 || v > 65535)
        return false;
    *port = (uint16_t)v;
    // 127.0.0.0/8 as numbers: a name that starts so may resolve anywhere
    *loopback = (strncmp(host, "127.", 4) == 0 &&
                 strspn(host, "0123456789.") == n) ||
                strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
    return true;
}
