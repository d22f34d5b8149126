/* url.h -- where a daemon is: http://host:port.  Pure. */
#ifndef FRESHET_SERVER_CLI_URL_H
#define FRESHET_SERVER_CLI_URL_H

#include <stdbool.h>

struct url {
    char host[256];        /* without the brackets of IPv6 */
    char port[6];          /* "8470" if the URL has none */
    char authority[272];   /* for the Host header: host:port, with brackets */
};

/* Any thread.  "http://" may be left out; a path must be "" or "/".  False:
 * `error` says what is wrong. */
bool url_parse(const char *text, struct url *out, char error[256]);

#endif
