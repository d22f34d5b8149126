/* server_says.c -- see server_says.h. */
#include "server/cli/server_says.h"

#include <stdio.h>
#include <sysexits.h>

/* The daemon bounds each wait (limits.wait_timeout); what it has accepted will
 * be learned, so ask again, but not for ever. */
#define WAITS_MAX 120

int server_stats(const char *command, struct client *c, uint64_t min_seq,
                 struct answer *out)
{
    char path[64];
    struct buf b = {0};
    int status = 503, result = 0;
    snprintf(path, sizeof path, min_seq ? "/v1/stats?min_seq=%llu"
                                        : "/v1/stats",
             (unsigned long long)min_seq);
    for (int i = 0; i < WAITS_MAX && status == 503; i++)
        status = client_call(c, "GET", path, NULL, NULL, &b);
    if (status != 200)
        result = server_failed(command, c, status, &b);
    else if (!answer_parse(b.p, b.len, out)) {
        fprintf(stderr, "freshet %s: what answers there is not freshet\n",
                command);
        result = EX_UNAVAILABLE;
    }
    buf_release(&b);
    return result;
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
    if (status == 401)
        fprintf(stderr, "freshet %s: give its token in FRESHET_AUTH_TOKEN or "
                "with --token-file\n", command);
    return status == 400 || status == 413 ? EX_DATAERR : EX_UNAVAILABLE;
}
