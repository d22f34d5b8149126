/* training_words.h -- the arguments that say how epochs are to be run, for the
 * commands that have them run.  Main thread. */
#ifndef FRESHET_SERVER_CLI_TRAINING_WORDS_H
#define FRESHET_SERVER_CLI_TRAINING_WORDS_H

#include "model/core/training.h"
#include "server/cli/arguments.h"

/* {0} before the arguments are taken. */
struct training_words {
    double epochs;        /* --epochs=N; 0: none */
    const char *how;      /* --train=JSON: what is not the default */
};

/* Two entries of a list of arguments. */
#define TRAINING_ARGUMENTS(words)                                              \
    {"epochs", ARGUMENT_NUMBER, &(words)->epochs, 0, TRAINING_EPOCHS_MAX,      \
     NULL},                                                                    \
    {"train", ARGUMENT_TEXT, &(words)->how, 0, 0, NULL}

/* What they ask for; *wanted is false when they ask for nothing.  Returns 0, or
 * 64 having said on standard error what is wrong.  After proto_setup(). */
int training_words_take(const char *command, const struct training_words *w,
                        struct training *out, bool *wanted);

#endif
