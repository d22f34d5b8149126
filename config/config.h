/* config.h -- the options of this process, checked, in one plain struct.
 *
 * Sources, later ones win: the defaults of options.h, the file of --config
 * (JSON), the environment (FRESHET_SECTION_NAME), the command line
 * (--section.name=value or --section.name value).  An unknown name, a value
 * that does not parse or is out of range is an error that says where it stood
 * and what is allowed.  Nothing here prints.
 */
#ifndef FRESHET_CONFIG_CONFIG_H
#define FRESHET_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/options.h"

#define CONFIG_STR_MAX 1024

#define CONFIG_STR(s, n, def, r, help)          char s##_##n[CONFIG_STR_MAX];
#define CONFIG_INT(s, n, def, lo, hi, r, help)  int64_t s##_##n;
#define CONFIG_REAL(s, n, def, lo, hi, r, help) double s##_##n;
#define CONFIG_ENUM(s, n, def, words, r, help)  int s##_##n;

/* Const after config_load(); any thread reads it. */
struct config {
    OPTIONS(CONFIG_STR, CONFIG_INT, CONFIG_REAL, CONFIG_ENUM)
    char file[CONFIG_STR_MAX];   /* the --config file, "" if none */
    const struct config *previous;   /* for the owner of a chain of reloads */
};

/* One option, for whoever lists them. */
enum config_type { CONFIG_TYPE_STR, CONFIG_TYPE_INT, CONFIG_TYPE_REAL,
                   CONFIG_TYPE_ENUM };
struct config_option {
    const char *name;      /* "section.name" */
    const char *section;
    const char *key;
    enum config_type type;
    const char *fallback;  /* the default, as text */
    const char *range;     /* "1..256", "a|b|c" or "" */
    bool reloadable;
    const char *help;
};
const struct config_option *config_options(size_t *n);

/* Room for any message below. */
#define CONFIG_ERROR_MAX 512

/* Boot only.  Builds *out from all sources.  `args` (argc of them) are the
 * words after the subcommand; those this module does not know (not --config and
 * without a dot in a --name) are left, in order, in `rest` (room for argc),
 * *nrest of them.  False: `error` says what is wrong, in one line. */
bool config_load(struct config *out, int argc, char *const *args,
                 const char **rest, int *nrest, char error[CONFIG_ERROR_MAX]);

/* Any thread.  Every option at its default. */
void config_defaults(struct config *out);

/* Main thread.  The same again for SIGHUP, from the words given at start.  The
 * options that cannot be reloaded keep the value of `now`; if one changed, its
 * name is written to `kept` (comma-separated, "" if none). */
bool config_reload(struct config *out, const struct config *now, int argc,
                   char *const *args, char kept[CONFIG_ERROR_MAX],
                   char error[CONFIG_ERROR_MAX]);

/* Any thread.  Sets one option from text, as a word of the command line would;
 * `where` names the source in the message.  config_check() is the caller's. */
bool config_set(struct config *cfg, const char *name, const char *value,
                const char *where, char error[CONFIG_ERROR_MAX]);

/* The value of an option as text, into buf. */
void config_print(const struct config *cfg, const struct config_option *opt,
                  char *buf, size_t size);

/* Checks between options (rating_min < rating_max, K a multiple of 8, ...);
 * config_load() calls it. */
bool config_check(const struct config *cfg, char error[CONFIG_ERROR_MAX]);

/* Writes the JSON of a --config file with every option at its default, sections
 * in the order of options.h: config/freshet.json.  False: buf is too small
 * (16 KiB are enough). */
bool config_sample(char *buf, size_t size);

/* Any thread.  The numbers of units in model.hidden ("", "16", "64,32,8": up to
 * three multiples of 8, at most 256), 0 for layers that are not there.  False:
 * it is something else. */
#define CONFIG_HIDDEN_MAX 3
bool config_hidden(const char *text, uint32_t units[CONFIG_HIDDEN_MAX]);

/* Splits "host:port" / "[v6]:port"; false if malformed.  loopback: whether host
 * is a loopback address or "localhost". */
bool config_split_listen(const char *listen, char host[256], uint16_t *port,
                         bool *loopback);

#endif
