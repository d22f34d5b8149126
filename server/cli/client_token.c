/* client_token.c -- the caller's bearer token: a file or the environment, never
 * an argument, where `ps` would show it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/cli/client.h"

static bool read_first_line(const char *file, char token[CLIENT_TOKEN_MAX],
                            char error[256])
{
    FILE *f = fopen(file, "re");
    bool ok = f && fgets(token, CLIENT_TOKEN_MAX, f);
    if (!f)
        snprintf(error, 256, "%.200s: %s", file, strerror(errno));
    else if (!ok)
        snprintf(error, 256, "%.200s: no token in it", file);
    if (f)
        fclose(f);
    return ok;
}

bool client_token(const char *file, char token[CLIENT_TOKEN_MAX],
                  char error[256])
{
    const char *env = getenv("FRESHET_AUTH_TOKEN");
    const char *from = file ? file : "FRESHET_AUTH_TOKEN";
    token[0] = '\0';
    if (file && !read_first_line(file, token, error))
        return false;
    if (!file && env)
        snprintf(token, CLIENT_TOKEN_MAX, "%s", env);
    token[strcspn(token, "\r\n")] = '\0';
    for (const char *c = token; *c; c++)
        if (*c <= ' ' || *c > '~') { // it would break the header it goes into
            snprintf(error, 256, "%.180s: the token has a blank or a "
                     "character that is not ASCII", from);
            return false;
        }
    if (file && !token[0])
        snprintf(error, 256, "%.200s: no token in it", from);
    return !file || token[0];
}
