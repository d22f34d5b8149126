/* fold_settings.h -- from the options to what the fold depends on. */
#ifndef FRESHET_SERVER_FOLD_SETTINGS_H
#define FRESHET_SERVER_FOLD_SETTINGS_H

#include "config/config.h"
#include "model/learn/settings.h"

/* Any thread. */
struct settings fold_settings(const struct config *cfg);

#endif
