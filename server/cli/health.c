/* health.c -- `freshet health`: the container's HEALTHCHECK. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "server/cli/arguments.h"
#include "server/cli/client.h"
#include "server/cli/command.h"

#define PATIENCE 2.0   /* seconds; Docker's own limit in our image is 3 */

/* Where a daemon with these options answers on this machine. */
static void own_url(const struct config *cfg, char url[320])
{
    char host[256];
    uint16_t port = 0;
    bool loopback;
    config_split_listen(cfg->server_listen, host, &port, &loopback);
    const char *at = strcmp(host, "0.0.0.0") == 0 ? "127.0.0.1"
                   : strcmp(host, "::") == 0      ? "::1" : host;
    snprintf(url, 320, strchr(at, ':') ? "http://[%s]:%u" : "http://%s:%u",
             at, (unsigned)port);
}

int cmd_health(int argc, char **argv)
{
    static struct config cfg;
    char error[256], own[320];
    const char *to = NULL;
    struct buf answer = {0};
    const struct argument list[] = {{"to", ARGUMENT_TEXT, &to, 0, 0, NULL}};
    int status = arguments_load("health", list, ARGUMENTS_N(list), argc, argv,
                                &cfg, NULL);
    if (status)
        return status;
    own_url(&cfg, own);
    struct client *c = client_new(to ? to : own, NULL, error);
    if (!c) {
        fprintf(stderr, "freshet health: %s\n", error);
        return EX_USAGE;
    }
    client_timeout(c, PATIENCE);
    status = client_call(c, "GET", "/health/live", NULL, NULL, &answer);
    if (status == 200)
        printf("%.*s\n", (int)answer.len, answer.p);
    else if (status)
        fprintf(stderr, "freshet health: answered %d\n", status);
    else
        fprintf(stderr, "freshet health: %s\n", client_error(c));
    buf_release(&answer);
    client_free(c);
    return status == 200 ? 0 : 1;
}
