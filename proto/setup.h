/* setup.h -- what proto/ needs once per process, without showing jansson. */
#ifndef FRESHET_PROTO_SETUP_H
#define FRESHET_PROTO_SETUP_H

/* Boot only, before any thread parses.  Repeating it does nothing. */
void proto_setup(void);

#endif
