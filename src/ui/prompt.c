#include "ui/prompt.h"

#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/session.h"
#include "kern/ns.h"
#include "kern/observe.h"

enum { ROOT_COLUMNS = 32 };

static size_t add_namespaces(struct bw_session *s, struct bw_str *out)
{
    size_t n = 0;

    for (int i = 0; i < BW_NS_COUNT; i++)
        if (bw_session_own(s, (enum bw_ns)i))
            bw_str_addf(out, "%s%s", n++ > 0 ? " " : "", bw_ns_table[i].name);
    return n;
}

static void add_controllers(struct bw_session *s, size_t before, struct bw_str *out)
{
    unsigned mask = s->box->cg ? bw_cg_controllers(s->box->cg, "box") : 0;
    const char *sep = before > 0 ? "; " : "";

    for (int i = 0; i < BW_CG_COUNT; i++)
        if (mask & (1u << i)) {
            bw_str_addf(out, "%s%s", sep, bw_cg_names[i]);
            sep = " ";
        }
}

/* Of a long path the end says more than the beginning. */
static void add_root(pid_t pid, struct bw_str *out)
{
    BW_AUTO_STR root = BW_STR_INIT;
    BW_AUTO_STR safe = BW_STR_INIT;

    bw_proc_root(pid, &root);
    bw_str_add_safe(&safe, bw_str_get(&root));
    const char *text = bw_str_get(&safe);
    if (safe.len > ROOT_COLUMNS) {
        text += safe.len - ROOT_COLUMNS;
        while (((unsigned char)*text & 0xc0) == 0x80)
            text++;
        bw_str_add(out, "...");
    }
    bw_str_add(out, text);
}

void bw_prompt(struct bw_session *s, struct bw_str *out)
{
    const char *end = geteuid() == 0 ? " # " : " $ ";

    bw_str_add(out, s->box->name);
    if (s->box->stage.pid <= 0) {
        bw_str_add(out, end);
        return;
    }
    if (!bw_stage_alive(&s->box->stage)) {
        bw_str_add(out, "[ended]");
        bw_str_add(out, end);
        return;
    }
    BW_AUTO_STR inside = BW_STR_INIT;
    size_t n = add_namespaces(s, &inside);
    add_controllers(s, n, &inside);
    if (inside.len > 0)
        bw_str_addf(out, "[%s]", inside.s);
    bw_str_addc(out, ' ');
    add_root(s->box->stage.pid, out);
    bw_str_add(out, end);
}
