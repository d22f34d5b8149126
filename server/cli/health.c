/* health.c -- `freshet health`: the container's HEALTHCHECK. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config/config.h"
#include "proto/setup.h"
#include "server/cli/arguments.h"
#include "server/cli/client.h"
#include "server/cli/command.h"
#include "server/cli/usage.h"

/* Where a daemon with these options can be asked from this machine. */
static void own_url(const struct config *cfg, char *url, size_t size)
{
    char host[256];
    uint16_t port = 0;
    bool loopback;
    config_split_listen(cfg->server_listen, host, &port, &loopback);
    if (strcmp(host, "0.0.0.0") == 0)
        snprintf(host, sizeof host, "127.0.0.1");
    else if (strcmp(host, "::") == 0)
        snprintf(host, sizeof host, "::1");
    snprintf(url, size, strchr(host, ':') ? "http://[%s]:%u" : "http://%s:%u",
             host, (unsigned)port);
}

static int ask(const char *url)
{
    char error[256];
    struct buf answer = {0};
    int status = 0;
    struct client *c = client_new(url, NULL, error);
    if (!c) {
        fprintf(stderr, "freshet health: %s\n", error);
        return EX_USAGE;
    }
    client_timeout(c, 3);
    status = client_call(c, "GET", "/health/live", NULL, NULL, 0, &answer);
    if (status == 200)
        printf("%.*s\n", (int)answer.len, answer.p);
    else
        fprintf(stderr, "freshet health: %s\n",
                status ? "not healthy" : client_error(c));
    buf_release(&answer);
    client_free(c);
    return status == 200 ? 0 : 1;
}

int cmd_health(int argc, char **argv)
{
    static struct config cfg;
    char error[CONFIG_ERROR_MAX], url[320];
    const char *to = NULL;
    int nrest = 0;
    const char **rest = calloc((size_t)argc + 1, sizeof *rest);
    if (!rest || !config_load(&cfg, argc, argv, rest, &nrest, error)) {
        fprintf(stderr, "freshet health: %s\n", rest ? error : "no memory");
        free(rest);
        return EX_CONFIG;
    }
    for (int i = 0; i < nrest; i++) {
        to = argument_value(rest[i], "to");
        if (!to) {
            int status = usage_unknown_word("health", rest[i]);
            free(rest);
            return status;
        }
    }
    free(rest);
    proto_setup();
    own_url(&cfg, url, sizeof url);
    return ask(to ? to : url);
}
