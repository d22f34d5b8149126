/* log_genesis.c -- the first segment of a log: the genesis, nothing else.  See
 * log_internal.h. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "model/store/log_internal.h"

enum err log_write_genesis(struct log *l, const struct event *genesis)
{
    struct batch *b = batch_new(event_size(genesis));
    enum err err = b ? batch_add(b, genesis, 0) : ERR_NOMEM;
    if (err == ERR_OK) {
        event_seal(b->data, 0);
        struct group g = {(uint32_t)(GROUP_HEAD_BYTES + b->bytes), 1, 0, 0,
                          l->id};
        struct segment_head head = {0, l->id, SEGMENT_VERSION};
        unsigned char bytes[SEGMENT_HEAD_BYTES + GROUP_HEAD_BYTES];
        segment_head_encode(&head, bytes);
        group_encode(&g, bytes + SEGMENT_HEAD_BYTES);
        struct iovec iov[] = {{bytes, sizeof bytes}, {b->data, b->bytes}};
        char name[SEGMENT_NAME_BYTES];
        segment_name(0, name);
        int fd = openat(l->dirfd, LOG_NEXT,
                        O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
        err = fd >= 0           ? disk_write_pieces(fd, iov, 2, 0)
              : errno == ENOSPC ? ERR_NOSPACE : ERR_IO;
        if (err == ERR_OK)
            err = disk_sync(fd);
        if (err == ERR_OK)
            err = disk_rename(l->dirfd, LOG_NEXT, name);
        if (err == ERR_OK)
            err = disk_sync_dir(l->dirfd);
        if (fd >= 0)
            close(fd);
    }
    batch_free(b);
    return err;
}
