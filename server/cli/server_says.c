/* server_says.c -- see server_says.h. */
#include "server/cli/server_says.h"

#include <stdio.h>
#include <sysexits.h>

bool server_stats(struct client *c, struct buf *scratch, struct answer *out)
{
    int status = client_call(c, "GET", "/v1/stats", NULL, NULL, 0, scratch);
    return status == 200 && answer_parse(scratch->p, scratch->len, out);
}

int server_failed(const char *command, const struct client *c, int status,
                  const struct buf *answer)
{
    struct answer a;
    if (status == 0)
        fprintf(stderr, "freshet %s: %s\n", command, client_error(c));
    else if (answer && answer_parse(answer->p, answer->len, &a) &&
             a.error_code[0])
        fprintf(stderr, "freshet %s: the daemon answered %d %s: %s\n", command,
                status, a.error_code, a.error_message);
    else
        fprintf(stderr, "freshet %s: the daemon answered %d\n", command,
                status);
    return status >= 400 && status < 500 ? EX_DATAERR : EX_UNAVAILABLE;
}
