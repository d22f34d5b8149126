/* config_internal.h -- shared by the files of config/ only.
 *
 *   option.c         the table as data: names, one value at a time
 *   config_json.c    the form of a --config file
 *   config_source.c  file, environment, command line
 *   config.c         their order, checks between options, reload
 */
#ifndef FRESHET_CONFIG_INTERNAL_H
#define FRESHET_CONFIG_INTERNAL_H

#include "config/config.h"

/* ---- option.c ----------------------------------------------------------- */

/* How an option is spelled: server.listen, --server.listen,
 * FRESHET_SERVER_LISTEN. */
enum option_form { OPTION_PLAIN, OPTION_FLAG, OPTION_ENV };
#define OPTION_NAME_MAX 80

/* Index of the option with this plain name, or (OPTION_ENV) with this
 * environment variable; -1. */
int option_find(const char *name, enum option_form form);

/* Sets option i from text; `where` names the source in the message. */
bool option_set(struct config *cfg, int i, const char *text, const char *where,
                char error[CONFIG_ERROR_MAX]);

/* One value, bit by bit. */
void option_copy(struct config *to, const struct config *from, int i);
bool option_equal(const struct config *a, const struct config *b, int i);

/* The message for a name that is not known, with the nearest one.  `name` as
 * option_find() takes it.  Always false. */
bool option_unknown(const char *name, enum option_form form, const char *where,
                    char error[CONFIG_ERROR_MAX]);

/* ---- config_json.c ------------------------------------------------------ */

/* Calls set() for each section.name = value of a JSON text
 * {"section":{"name":value}}, in order; the value comes as text, a string
 * without its quotes.  `where` is "line 3, column 7".  False: `error` says line
 * and column, or what set() said.  The longest value is CONFIG_STR_MAX - 1. */
enum config_json_kind { CONFIG_JSON_STRING, CONFIG_JSON_NUMBER,
                        CONFIG_JSON_WORD /* true, false */ };
typedef bool (*config_json_set)(void *arg, const char *name, const char *value,
                                enum config_json_kind kind, const char *where,
                                char error[CONFIG_ERROR_MAX]);
bool config_json_read(const char *text, size_t n, config_json_set set,
                      void *arg, char error[CONFIG_ERROR_MAX]);

/* ---- config_source.c ---------------------------------------------------- */

/* Each applies what its source says to *cfg.  False: `error`. */

/* Puts the last --config of the words into cfg->file. */
bool source_find_file(struct config *cfg, int argc, char *const *args,
                      char error[CONFIG_ERROR_MAX]);
/* The file cfg->file; "": none. */
bool source_file(struct config *cfg, char error[CONFIG_ERROR_MAX]);
bool source_environment(struct config *cfg, char error[CONFIG_ERROR_MAX]);
/* The words that are no options of ours are left in rest, *nrest of them. */
bool source_words(struct config *cfg, int argc, char *const *args,
                  const char **rest, int *nrest, char error[CONFIG_ERROR_MAX]);

#endif
