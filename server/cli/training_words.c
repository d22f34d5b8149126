/* training_words.c -- see training_words.h. */
#include "server/cli/training_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "proto/training.h"

int training_words_take(const char *command, const struct training_words *w,
                        struct training *out, bool *wanted)
{
    static const struct proto_limits limits = {
        .json_depth = 4, .array_elements = 100, .json_values = 100};
    struct fail f;
    *wanted = w->epochs > 0 || w->how;
    if (w->epochs != floor(w->epochs)) {
        fprintf(stderr, "freshet %s: --epochs must be a whole number\n",
                command);
        return EX_USAGE;
    }
    *out = training_default(w->epochs > 0 ? (uint32_t)w->epochs
                                          : TRAINING_EPOCHS);
    if (!w->how || training_parse(w->how, strlen(w->how), &limits, out, &f))
        return 0;
    fprintf(stderr, "freshet %s: --train: %s\n", command, f.message);
    return EX_USAGE;
}
