/* item_names.h -- titles of items from a file, by external id.  One thread. */
#ifndef FRESHET_SERVER_CLI_ITEM_NAMES_H
#define FRESHET_SERVER_CLI_ITEM_NAMES_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/buf.h"

struct item_name {
    size_t id, title;        /* offsets into bytes; both terminated */
    uint32_t id_len;
};

struct item_names {
    struct item_name *at;    /* (n) sorted by id */
    size_t n, cap;
    struct buf bytes;
};

/* Reads path (proto/item_file.h).  False: `error` says what. */
bool item_names_load(struct item_names *s, const char *path, char error[512]);
void item_names_release(struct item_names *s);

/* The title of id ("": the file gives none), or NULL: id is not in the file. */
const char *item_names_find(const struct item_names *s, struct id id);

#endif
