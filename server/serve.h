/* serve.h -- the daemon: everything started in order, stopped in reverse. */
#ifndef FRESHET_SERVER_SERVE_H
#define FRESHET_SERVER_SERVE_H

#include "config/config.h"

/* For `demo`, which runs a client beside the daemon.  Called on the main
 * thread; url is http://127.0.0.1:PORT, borrowed until stopping returns. */
struct serve_guest {
    void *arg;
    void (*started)(void *arg, const char *url);
    void (*stopping)(void *arg);
};

/* Boot only.  Serves until SIGTERM or SIGINT; returns the exit status: 0, 78 for
 * options that cannot be, 71 for what the system refused.  argc/argv are the
 * words after the command, read again on SIGHUP; guest may be NULL. */
int serve_run(const struct config *cfg, int argc, char *const *argv,
              const struct serve_guest *guest);

/* The serve command.  */
int cmd_serve(int argc, char **argv);

#endif
