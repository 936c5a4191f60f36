/* nftables(8) by its own library. The context stays open: a table with flags owner is this
 * process's, and the kernel removes it when the context's socket closes. */
#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/call.h"

int bw_nft_module_run(const char *commands, struct bw_err *err);

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
