/* url.c -- see url.h. */
#include "server/cli/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_PORT "8470"

static bool refuse(const char *text, const char *why, char error[256])
{
    snprintf(error, 256, "\"%.120s\" %s", text, why);
    return false;
}

static bool port_ok(const char *port, size_t n)
{
    return n >= 1 && n <= 5 && strspn(port, "0123456789") >= n &&
           strtoul(port, NULL, 10) >= 1 && strtoul(port, NULL, 10) <= 65535;
}

static bool host_ok(const char *host, size_t n, bool v6)
{
    for (size_t i = 0; i < n; i++) {
        char c = host[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
        if (!word && !(v6 && (c == ':' || c == '%')))
            return false;
    }
    return n > 0;
}

bool url_parse(const char *text, struct url *out, char error[256])
{
    const char *at = text, *scheme = strstr(text, "://");
    if (scheme && strncasecmp(text, "http://", 7) != 0)
        return refuse(text, "is not http://host:port (no other scheme is "
                      "spoken here)", error);
    if (scheme)
        at = scheme + 3;
    size_t n = strcspn(at, "/?#");
    if (at[n] && strcmp(at + n, "/") != 0)
        return refuse(text, "has a path; http://host:port is all that is "
                      "needed", error);
    bool v6 = at[0] == '[';
    size_t host = v6 ? strcspn(at, "]") + 1 : strcspn(at, ":/?#");
    if (host > n || n >= sizeof out->host ||
        !host_ok(at + v6, host - (v6 ? 2 : 0), v6))
        return refuse(text, "is not http://host:port", error);
    const char *port = DEFAULT_PORT;
    size_t digits = sizeof DEFAULT_PORT - 1;
    if (host < n) {
        port = at + host + 1;
        digits = n - host - 1;
        if (at[host] != ':' || !port_ok(port, digits))
            return refuse(text, "has no port from 1 to 65535", error);
    }
    snprintf(out->host, sizeof out->host, "%.*s", (int)host - (v6 ? 2 : 0),
             at + v6);
    snprintf(out->port, sizeof out->port, "%.*s", (int)digits, port);
    snprintf(out->authority, sizeof out->authority, v6 ? "[%s]:%s" : "%s:%s",
             out->host, out->port);
    return true;
}
