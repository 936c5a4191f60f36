/* nftables(8) by its own library. The context stays open: a table with flags owner is this
 * process's, and the kernel removes it when the context's socket closes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/call.h"

int bw_nft_module_run(const char *commands, struct bw_err *err);

/* The library's socket would go on to programs, and one that outlives the session, started with
 * host, would keep the table. Any run may open it anew. */
static void close_on_exec(void)
{
    DIR *dir = opendir("/proc/self/fd");
    for (struct dirent *e; dir && (e = readdir(dir));) {
        int domain = 0, protocol = 0;
        socklen_t n = sizeof domain, m = sizeof protocol;
        long long number;
        if (bw_parse_num(e->d_name, 3, INT_MAX, &number))
            continue;
        int fd = (int)number;
        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 && domain == AF_NETLINK &&
            getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &m) == 0 &&
            protocol == NETLINK_NETFILTER)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    if (dir)
        closedir(dir);
}

static struct nft_ctx *open_context(struct bw_err *err)
{
    static struct nft_ctx *ctx;
    if (ctx)
        return ctx;
    ctx = nft_ctx_new(NFT_CTX_DEFAULT);
    if (!ctx || nft_ctx_buffer_error(ctx) || nft_ctx_buffer_output(ctx)) {
        bw_err_set(err, "libnftables could not be started");
        bw_err_todo(err, "see whether this kernel has nftables: host nft list tables");
        return NULL;
    }
    return ctx;
}

/* The first line of what the library says, which goes on with the command and a mark below it. */
static void first_line(const char *text, struct bw_str *out)
{
    const char *at = strstr(text, "Error: ");
    text = at ? at + strlen("Error: ") : text;
    bw_str_addn(out, text, strcspn(text, "\n"));
}

int bw_nft_module_run(const char *commands, struct bw_err *err)
{
    struct nft_ctx *ctx = open_context(err);
    BW_AUTO_STR said = BW_STR_INIT;
    if (!ctx)
        return -1;
    int r = nft_run_cmd_from_buffer(ctx, commands);
    close_on_exec();
    BW_AUTO_STR text = BW_STR_INIT;
    bw_str_add_quoted(&text, commands);
    if (r == 0)
        bw_call_done(NULL, BW_CALL_STEP, r, "nft_run_cmd_from_buffer", "ctx, %s", text.s);
    bw_call_note("libnftables, as nft -f does");
    first_line(nft_ctx_get_error_buffer(ctx), &said);
    nft_ctx_get_output_buffer(ctx);
    if (r == 0)
        return 0;
    bw_err_set(err, "nftables refused: %s", said.len ? said.s : "it gave no reason");
    return -1;
}
