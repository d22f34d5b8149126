/* config_internal.h -- shared by the files of config/ only. */
#ifndef FRESHET_CONFIG_INTERNAL_H
#define FRESHET_CONFIG_INTERNAL_H

#include "config/config.h"

/* Index of the option "section.name" or SECTION_NAME (upper: environment
 * form), or -1. */
int option_find(const char *name, bool upper);

/* Sets option i from text; `where` names the source in the message. */
bool option_set(struct config *cfg, int i, const char *text, const char *where,
                char error[CONFIG_ERROR_MAX]);

/* The message for a name that is not known, with the nearest one. */
void option_unknown(const char *name, const char *where,
                    char error[CONFIG_ERROR_MAX]);

/* Calls set() for each section.name = value of a JSON text
 * {"section":{"name":value}}.  Values are handed over as text.  False: `error`
 * says line and column, or what set() said. */
typedef bool (*config_json_set)(void *arg, const char *name, const char *value,
                                const char *where,
                                char error[CONFIG_ERROR_MAX]);
bool config_json_read(const char *text, size_t n, config_json_set set,
                      void *arg, char error[CONFIG_ERROR_MAX]);

#endif
