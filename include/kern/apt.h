/* Where this machine gets packages from: sources.list(5), in both of its forms. */
#ifndef BW_KERN_APT_H
#define BW_KERN_APT_H

#include <stddef.h>

struct bw_str;

/* The first http(s) mirror in text that has the suite, into out. deb822: stanzas of a .sources
 * file, else lines of a .list file. Returns 0, or -1 when there is none. */
int bw_apt_parse(const char *text, int deb822, const char *suite, struct bw_str *out);

/* The same from /etc/apt/sources.list and /etc/apt/sources.list.d. */
int bw_apt_mirror(const char *suite, struct bw_str *out);

#endif
