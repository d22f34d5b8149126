/* config_source.c -- where options come from: file, environment, words. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config_internal.h"

#define FILE_BYTES_MAX (1 << 20)

extern char **environ;

static bool refuse(char error[CONFIG_ERROR_MAX], const char *subject,
                   const char *what)
{
    snprintf(error, CONFIG_ERROR_MAX, "%.200s: %.250s", subject, what);
    return false;
}

/* ---- the file ---------------------------------------------------------- */

/* While a file is read. */
struct filling {
    struct config *cfg;
    bool *given;            /* by option: the file has set it */
};

/* A config_json_set.  A file is typed: a number in quotes is a mistake that is
 * better told than guessed at. */
static bool set_from_file(void *arg, const char *name, const char *value,
                          enum config_json_kind kind, const char *where,
                          char error[CONFIG_ERROR_MAX])
{
    struct filling *f = arg;
    size_t n;
    int i = option_find(name, OPTION_PLAIN);
    if (i < 0)
        return option_unknown(name, OPTION_PLAIN, where, error);
    const struct config_option *o = &config_options(&n)[i];
    bool is_text = o->type == CONFIG_TYPE_STR || o->type == CONFIG_TYPE_ENUM;
    const char *what = NULL;
    if (f->given[i])
        what = "is given twice";
    else if (is_text && kind != CONFIG_JSON_STRING)
        what = "must be a string, in quotes";
    else if (!is_text && kind != CONFIG_JSON_NUMBER)
        what = "must be a number, without quotes";
    if (what) {
        snprintf(error, CONFIG_ERROR_MAX, "%s: %s %s", where, name, what);
        return false;
    }
    f->given[i] = true;
    return option_set(f->cfg, i, value, where, error);
}

/* All of fd; NULL with errno set.  The caller frees. */
static char *read_whole(int fd, size_t *n)
{
    char *text = malloc(FILE_BYTES_MAX);
    ssize_t got = text ? 1 : -1;
    *n = 0;
    while (got > 0 && *n < FILE_BYTES_MAX) {
        got = read(fd, text + *n, FILE_BYTES_MAX - *n);
        if (got > 0)
            *n += (size_t)got;
        else if (got < 0 && errno == EINTR)
            got = 1;
    }
    if (got > 0) // full, and no end seen
        errno = EFBIG;
    if (got == 0)
        return text;
    free(text);
    return NULL;
}

bool source_file(struct config *cfg, char error[CONFIG_ERROR_MAX])
{
    char said[CONFIG_ERROR_MAX] = "";
    char *text = NULL;
    size_t n, noptions;
    if (!cfg->file[0])
        return true;
    config_options(&noptions);
    struct filling filling = {cfg, calloc(noptions, sizeof(bool))};
    int fd = open(cfg->file, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && filling.given)
        text = read_whole(fd, &n);
    bool ok = text != NULL;
    if (!ok)
        refuse(error, cfg->file, strerror(errno));
    else if (!config_json_read(text, n, set_from_file, &filling, said)) {
        snprintf(error, CONFIG_ERROR_MAX, "%.150s, %.350s", cfg->file, said);
        ok = false;
    }
    free(text);
    free(filling.given);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* ---- environment ------------------------------------------------------- */

/* Names with our prefix that are not options: the token itself (server/auth.c),
 * what steers the test suite, and the faults of its build (model/store/disk.h).
 */
static bool is_no_option(const char *name)
{
    static const char *const names[] = {"FRESHET_AUTH_TOKEN", "FRESHET_SHARED",
                                        "FRESHET_URL", "FRESHET_BIN",
                                        "FRESHET_SLOW", "FRESHET_FAILPOINT",
                                        "FRESHET_MUTANT"};
    if (strncmp(name, "FRESHET_TEST_", 13) == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool source_environment(struct config *cfg, char error[CONFIG_ERROR_MAX])
{
    for (char **e = environ; e && *e; e++) {
        char name[128];
        size_t n = strcspn(*e, "=");
        if (strncmp(*e, "FRESHET_", 8) != 0 || (*e)[n] != '=')
            continue;
        snprintf(name, sizeof name, "%.*s", (int)n, *e);
        if (is_no_option(name))
            continue;
        int i = option_find(name, OPTION_ENV);
        if (i < 0)
            return option_unknown(name, OPTION_ENV, "environment", error);
        if (!option_set(cfg, i, *e + n + 1, "environment", error))
            return false;
    }
    return true;
}

/* ---- command line ------------------------------------------------------ */

struct word {
    enum { WORD_OTHER, WORD_CONFIG, WORD_OPTION } kind;
    char name[128];         /* with its dashes, without "=value" */
    const char *value;      /* NULL: there is none */
    int used;               /* words taken, 1 or 2 */
};

/* "--name=value" or "--name value".  Only --config and names with a dot are
 * ours; the rest belongs to the command. */
static struct word classify(int argc, char *const *args, int at)
{
    struct word w = {.kind = WORD_OTHER, .used = 1};
    const char *s = args[at];
    size_t n = strcspn(s, "=");
    if (strncmp(s, "--", 2) != 0 || n >= sizeof w.name)
        return w;
    memcpy(w.name, s, n);
    bool config = strcmp(w.name, "--config") == 0;
    if (!config && !strchr(w.name, '.'))
        return w;
    w.kind = config ? WORD_CONFIG : WORD_OPTION;
    if (s[n] == '=') {
        w.value = s + n + 1;
    } else if (at + 1 < argc && strncmp(args[at + 1], "--", 2) != 0) {
        w.value = args[at + 1];
        w.used = 2;
    }
    return w;
}

static bool needs_value(const struct word *w, char error[CONFIG_ERROR_MAX])
{
    snprintf(error, CONFIG_ERROR_MAX, "command line: %s needs a value: "
             "%s=VALUE", w->name, w->name);
    return false;
}

bool source_find_file(struct config *cfg, int argc, char *const *args,
                      char error[CONFIG_ERROR_MAX])
{
    for (int i = 0; i < argc;) {
        struct word w = classify(argc, args, i);
        i += w.used;
        if (w.kind != WORD_CONFIG)
            continue;
        if (!w.value || !w.value[0])
            return needs_value(&w, error);
        if (strlen(w.value) >= sizeof cfg->file)
            return refuse(error, "command line", "--config is too long");
        memcpy(cfg->file, w.value, strlen(w.value) + 1);
    }
    return true;
}

bool source_words(struct config *cfg, int argc, char *const *args,
                  const char **rest, int *nrest, char error[CONFIG_ERROR_MAX])
{
    *nrest = 0;
    for (int i = 0; i < argc;) {
        struct word w = classify(argc, args, i);
        if (w.kind == WORD_OTHER)
            rest[(*nrest)++] = args[i];
        i += w.used;
        if (w.kind != WORD_OPTION)
            continue;
        int o = option_find(w.name + 2, OPTION_PLAIN);
        if (o < 0)
            return option_unknown(w.name, OPTION_FLAG, "command line", error);
        if (!w.value)
            return needs_value(&w, error);
        if (!option_set(cfg, o, w.value, "command line", error))
            return false;
    }
    return true;
}
