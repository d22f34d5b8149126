/* fuzz_config.c -- any bytes as a --config file.
 *
 * clang's libFuzzer calls this.  Besides memory errors it looks for answers
 * that break the contract: a refusal without a line, a value that is too long,
 * a place outside the text.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static bool take(void *arg, const char *name, const char *value,
                 enum config_json_kind kind, const char *where,
                 char error[CONFIG_ERROR_MAX])
{
    struct config *cfg = arg;
    int i = option_find(name, OPTION_PLAIN);
    int line = 0, column = 0;
    demand(strchr(name, '.') != NULL, "a name without a section");
    demand(strlen(value) < CONFIG_STR_MAX, "a value that is too long");
    demand(kind == CONFIG_JSON_STRING || value[0], "an empty number");
    demand(sscanf(where, "line %d, column %d", &line, &column) == 2 &&
           line > 0 && column > 0, "a place that is none");
    return i < 0 ? option_unknown(name, OPTION_PLAIN, where, error)
                 : option_set(cfg, i, value, where, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config cfg;
    char error[CONFIG_ERROR_MAX] = "";
    // without a terminator, in a block of its own: an overrun is seen
    char *text = malloc(size ? size : 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    bool ok = config_json_read(text, size, take, &cfg, error);
    demand(ok == (error[0] == '\0'), "a verdict that its message denies");
    demand(ok || strncmp(error, "line ", 5) == 0, "a message without a place");
    free(text);
    return 0;
}
