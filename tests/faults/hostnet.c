#include "hostnet.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "place.h"

/* How many tables of nftables there are; -1 when the kernel does not say. */
static int tables(void)
{
    struct {
        struct nlmsghdr head;
        struct nfgenmsg gen;
    } ask = {{.nlmsg_len = sizeof ask,
              .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE,
              .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
             {.nfgen_family = 0}};
    _Alignas(struct nlmsghdr) char buf[16384];
    int n = 0, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    bool more = fd >= 0 && send(fd, &ask, sizeof ask, 0) == sizeof ask;
    if (!more)
        n = -1;
    while (more) {
        ssize_t got = recv(fd, buf, sizeof buf, 0);
        struct nlmsghdr *m = (struct nlmsghdr *)buf;
        more = got > 0;
        for (size_t left = got > 0 ? (size_t)got : 0; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
            if (m->nlmsg_type == NLMSG_DONE || m->nlmsg_type == NLMSG_ERROR)
                more = false;
            else
                n++;
        }
    }
    if (fd >= 0)
        close(fd);
    return n;
}

/* Of /proc/net/dev the names: the rest counts packets. */
static void add_links(FILE *out)
{
    long at = 0;
    char *text = text_from("/proc/self/net/dev", &at), *rest = text, *line;
    while ((line = strsep(&rest, "\n"))) {
        char *colon = strchr(line, ':');
        line += strspn(line, " ");
        if (colon)
            fprintf(out, "%.*s\n", (int)(colon - line), line);
    }
    free(text);
}

static void add_file(FILE *out, const char *path)
{
    long at = 0;
    char *text = text_from(path, &at);
    fputs(text, out);
    free(text);
}

char *hostnet_now(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    add_links(out);
    add_file(out, "/proc/self/net/fib_trie");
    add_file(out, "/proc/sys/net/ipv4/ip_forward");
    fprintf(out, "tables %d\n", tables());
    fclose(out);
    return text;
}
