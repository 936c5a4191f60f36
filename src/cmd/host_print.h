/* What of the host a lesson must leave as it was, a fact a line. */
#ifndef BW_CMD_HOST_PRINT_H
#define BW_CMD_HOST_PRINT_H

struct bw_str;

/* Marks what is started from now on in its environment, so that it is found again however it was
 * orphaned. */
void host_print_mark(void);
/* Mounts, network links, host and domain name, control group directories (of service managers and
 * of other sessions none), processes that have the mark. */
void host_print(struct bw_str *out);
/* Adds what differs, "> LINE" for what is new, "< LINE" for what is gone. */
void host_compare(const char *before, const char *after, struct bw_str *out);

#endif
