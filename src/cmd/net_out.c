/* net nat: a way out of the box. As root its addresses are translated on the host, by a table of
 * nftables that is the session's own; an ordinary user gets a process that does in its own sockets
 * what the box sends: slirp4netns or pasta. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intr.h"
#include "base/loop.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/session.h"
#include "kern/call.h"
#include "kern/forward.h"
#include "net_priv.h"

/* ---- root: translation on the host ---- */

/* The box's wire whose other end is on the host and has an address: the gateway. */
static const struct net_wire *gateway_of(const struct bw_box *box)
{
    for (size_t i = 0; box->net && i < box->net->n_wires; i++) {
        const struct net_wire *w = &box->net->wire[i];
        if (!w->at && w->peer.family == AF_INET)
            return w;
    }
    return NULL;
}

static void table_name(struct bw_session *s, struct bw_str *out)
{
    for (const char *p = s->net->alias; *p; p++)
        bw_str_addc(out, *p == '-' ? '_' : *p);
}

/* The whole table anew, in one transaction. Returns how many boxes are in it. */
static size_t write_rules(struct bw_session *s, struct bw_str *out)
{
    BW_AUTO_STR name = BW_STR_INIT, rules = BW_STR_INIT;
    size_t n = 0;
    table_name(s, &name);
    for (size_t i = 0; i < s->n_boxes; i++) {
        const struct net_wire *w = gateway_of(s->boxes[i]);
        if (!w || !s->boxes[i]->net->nat)
            continue;
        struct bw_ip alone = w->ip;
        BW_AUTO_STR from = BW_STR_INIT;
        alone.len = 32;
        bw_ip_add(&alone, false, &from);
        bw_str_addf(&rules, "ip saddr %s oifname != \"%s\" masquerade\n", from.s,
                    w->bridge ? w->bridge->link : w->link);
        n++;
    }
    if (s->net->table)
        bw_str_addf(out, "delete table ip %s\n", name.s);
    if (n > 0)
        bw_str_addf(out,
                    "table ip %s {\nflags owner;\nchain postrouting {\n"
                    "type nat hook postrouting priority srcnat;\n%s}\n}\n",
                    name.s, rules.s);
    return n;
}

static int read_forward(char *value, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    if (bw_read_file(AT_FDCWD, BW_FORWARD_PATH, &text))
        return bw_err_call(err, errno, "open", "\"%s\", O_RDONLY", BW_FORWARD_PATH);
    *value = bw_str_get(&text)[0];
    return 0;
}

static int give_back_forward(struct bw_session *s, struct bw_err *err)
{
    if (!s->net->forwards)
        return 0;
    if (bw_forward_drop(s->net->alias, err))
        return -1;
    s->net->forwards = false;
    return bw_janitor_forward(s->janitor, "", err);
}

int net_nat_update(struct bw_session *s, struct bw_err *err)
{
    BW_AUTO_STR commands = BW_STR_INIT;
    size_t n = write_rules(s, &commands);
    if (commands.len > 0 && bw_nft_run(commands.s, err))
        return -1;
    s->net->table = n > 0;
    return n > 0 ? 0 : give_back_forward(s, err);
}

static int check_forward(struct bw_session *s, bool allowed, bool *set)
{
    char now = '0';
    *set = false;
    if (read_forward(&now, &s->err))
        return -1;
    /* Held as well, or it would end with the session that set it. */
    *set = now != '0' && !s->net->forwards && bw_forward_held();
    if (now != '0')
        return 0;
    if (allowed) {
        *set = true;
        return 0;
    }
    bw_err_set(&s->err, "the host forwards no packets between its interfaces: %s is 0",
               BW_FORWARD_PATH);
    bw_err_todo(&s->err,
                "net nat --forward sets it to 1 until the last box with net nat has ended; "
                "it concerns all interfaces of the host");
    return -1;
}

static int set_forward(struct bw_session *s)
{
    char now = '0';
    if (bw_janitor_forward(s->janitor, s->net->alias, &s->err) ||
        (!s->net->forwards && bw_forward_hold(s->net->alias, &s->err)))
        return -1;
    s->net->forwards = true;
    if (read_forward(&now, &s->err) == 0 &&
        (now != '0' || bw_sys_write_file(AT_FDCWD, BW_FORWARD_PATH, "1", &s->err) == 0)) {
        if (now == '0')
            bw_call_note("sysctl -w net.ipv4.ip_forward=1");
        return 0;
    }
    struct bw_err ignored = BW_ERR_INIT;
    give_back_forward(s, &ignored);
    return -1;
}

static int add_default_route(struct bw_session *s, const struct bw_netmake *make,
                             const struct net_wire *w)
{
    struct net_place box;
    struct bw_routes routes;
    struct bw_ip all = {.family = AF_INET};
    bool there = false;
    if (net_place_open(s, s->box, &box))
        return -1;
    if (bw_routes_read(box.sock, &routes) == 0) {
        for (size_t i = 0; i < routes.n; i++)
            there = there || (routes.v[i].to.len == 0 && routes.v[i].to.family == AF_INET &&
                              routes.v[i].type == 1);
        bw_routes_free(&routes);
    }
    int r = there ? 0 : make->route(box.sock, &all, &w->peer, &s->err);
    if (there)
        bw_session_note(s, "the box has a default route already, which stays");
    net_place_close(&box);
    return r;
}

static int translate(struct bw_session *s, bool allowed)
{
    const struct bw_netmake *make = bw_netmake(&s->err);
    const struct net_wire *w = gateway_of(s->box);
    bool set;
    if (!make)
        return -1;
    if (!w) {
        bw_err_set(&s->err, "the box has no link whose other end on the host has an IPv4 address");
        bw_err_todo(&s->err, "net veth 10.7.0.2/24, or net bridge lan 10.9.0.2/24 --host 10.9.0.1; "
                             "then net nat");
        return -1;
    }
    if (s->box->net->nat) {
        bw_session_note(s, "the box has net nat already");
        return 0;
    }
    if (check_forward(s, allowed, &set) || (set && set_forward(s)))
        return -1;
    s->outside_changed = true;
    s->box->net->nat = true;
    if (net_nat_update(s, &s->err)) {
        struct bw_err ignored = BW_ERR_INIT;
        s->box->net->nat = false;
        give_back_forward(s, &ignored);
        return -1;
    }
    if (add_default_route(s, make, w))
        return -1;
    bw_session_shell(s, "nft add rule … ip saddr BOX masquerade; ip route add default via …");
    bw_session_hint(s, "host nft list ruleset: the table, which ends with the box");
    return 0;
}

/* ---- an ordinary user: slirp4netns or pasta ---- */

enum { READY_MS = 5000, LOOK_MS = 50 };

struct tunnel {
    const char *program;
    pid_t pid;
    int pidfd;
    int said; /* what it writes */
};

static const char *find_program(const char *const names[], size_t n)
{
    static char path[256];
    const char *dirs = getenv("PATH");
    BW_AUTO_STR dir = BW_STR_INIT;
    for (size_t i = 0; i < n; i++)
        for (const char *rest = dirs ? dirs : BW_PATH_USUAL; bw_path_next(&rest, &dir);) {
            snprintf(path, sizeof path, "%s/%s", dir.s, names[i]);
            if (path[0] == '/' && access(path, X_OK) == 0)
                return path;
        }
    return NULL;
}

/* The host's own loopback is not reached, nor the box's from outside. */
static void arguments(const char *program, char *user, char *net, char *argv[24])
{
    static char slirp[] = "slirp4netns", pasta[] = "pasta",
                *const for_slirp[] = {"--configure", "--mtu=65520", "--disable-host-loopback",
                                      "--netns-type=path", NULL};
    static char *const for_pasta[] = {
        "--foreground", "--quiet", "--config-net", "--no-map-gw", "-t",   "none", "-u",
        "none",         "-T",      "none",         "-U",          "none", NULL};
    bool is_pasta = strstr(program, pasta) != NULL;
    char *const *more = is_pasta ? for_pasta : for_slirp;
    static char users[16], nets[16], tap[] = "tap0", path[64];
    int n = 0;
    argv[n++] = is_pasta ? pasta : slirp;
    while (*more)
        argv[n++] = *more++;
    if (is_pasta) {
        snprintf(users, sizeof users, "--userns");
        snprintf(nets, sizeof nets, "--netns");
        argv[n++] = users;
        argv[n++] = user;
        argv[n++] = nets;
        argv[n++] = net;
    } else {
        snprintf(path, sizeof path, "--userns-path=%s", user);
        argv[n++] = path;
        argv[n++] = net;
        argv[n++] = tap;
    }
    argv[n] = NULL;
}

/* It inherits the namespaces' descriptors: the stage's own in /proc are root's. */
static _Noreturn void become(const char *program, char *const argv[], int said, pid_t shell,
                             const int keep[2])
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != shell || null < 0)
        _exit(BW_NOEXEC);
    setsid();
    dup2(null, 0);
    dup2(said, 1);
    dup2(said, 2);
    bw_intr_defaults();
    bw_intr_unblock();
    bw_fd_room_not_for(0);
    fcntl(keep[0], F_SETFD, 0);
    fcntl(keep[1], F_SETFD, 0);
    execv(program, argv);
    _exit(BW_NOEXEC);
}

static int start(struct bw_session *s, struct tunnel *t, int user, int net)
{
    char users[48], nets[48], *argv[24];
    pid_t shell = getpid();
    const int keep[2] = {user, net};
    snprintf(users, sizeof users, "/proc/self/fd/%d", user);
    snprintf(nets, sizeof nets, "/proc/self/fd/%d", net);
    arguments(t->program, users, nets, argv);
    t->said = memfd_create("said", MFD_CLOEXEC);
    if (t->said < 0)
        return bw_err_call(&s->err, errno, "memfd_create", "\"said\", MFD_CLOEXEC");
    t->pid = bw_sys_clone3(CLONE_PIDFD, SIGCHLD, &t->pidfd, &s->err);
    if (t->pid == 0)
        become(t->program, argv, t->said, shell, keep);
    if (t->pid < 0)
        return -1;
    bw_call_note("execve(\"%s\", …) in it, the way out", t->program);
    return bw_janitor_stage(s->janitor, t->pidfd, &s->err);
}

/* Its last words. */
static void add_said(const struct tunnel *t, struct bw_str *out)
{
    char text[400];
    off_t end = lseek(t->said, 0, SEEK_END);
    ssize_t n = pread(t->said, text, sizeof text - 1,
                      end > (off_t)sizeof text - 1 ? end - (off_t)sizeof text + 1 : 0);
    text[n > 0 ? n : 0] = '\0';
    for (char *p = text; *p; p++)
        *p = *p == '\n' ? ' ' : *p;
    bw_str_add_safe(out, text);
}

/* Until an interface of the box beside lo is up and has an address. */
static int wait_ready(struct bw_session *s, const struct tunnel *t, struct net_place *box)
{
    BW_AUTO_STR said = BW_STR_INIT;
    for (int ms = 0; ms < READY_MS && bw_intr_end == 0 && bw_intr_key == 0; ms += LOOK_MS) {
        if (net_place_read(s, box))
            return -1;
        for (size_t i = 0; i < box->links.n; i++)
            if (strcmp(box->links.v[i].kind, "tun") == 0 && box->links.v[i].up &&
                box->links.v[i].n_addr > 0)
                return 0;
        if (waitpid(t->pid, NULL, WNOHANG) != 0)
            break;
        bw_loop_poll(NULL, 0, LOOK_MS, NULL);
    }
    add_said(t, &said);
    bw_err_set(&s->err, "%s set up no interface in the box: %s", t->program,
               said.len ? said.s : "it gave no reason");
    bw_err_todo(&s->err, "see whether /dev/net/tun is there and may be opened: host ls -l "
                         "/dev/net/tun");
    return -1;
}

static int tunnel(struct bw_session *s)
{
    static const char *const names[] = {"slirp4netns", "pasta"};
    struct tunnel t = {.program = find_program(names, 2), .pidfd = -1, .said = -1};
    struct net_place box;
    if (net_box(s->box)->tunnel) {
        bw_session_note(s, "the box has net nat already");
        return 0;
    }
    if (!t.program) {
        bw_err_set(&s->err, "only root can have addresses translated on the host, and neither "
                            "slirp4netns nor pasta is installed");
        bw_err_todo(&s->err, "apt install slirp4netns, or sudo boxwright");
        return -1;
    }
    if (net_place_open(s, s->box, &box))
        return -1;
    BW_AUTO_FD user = bw_ns_open(s->box->stage.pid, BW_NS_USER, &s->err);
    int r = user < 0 || start(s, &t, user, box.ns) || wait_ready(s, &t, &box) ? -1 : 0;
    if (r == 0)
        bw_stage_add_beside(&s->box->stage, t.pid, t.pidfd);
    else if (t.pid > 0 && waitpid(t.pid, NULL, WNOHANG) == 0) {
        kill(t.pid, SIGKILL);
        waitpid(t.pid, NULL, 0);
    }
    if (r)
        bw_close_ptr(&t.pidfd);
    bw_close_ptr(&t.said);
    net_place_close(&box);
    if (r)
        return -1;
    net_box(s->box)->tunnel = true;
    s->outside_changed = true;
    bw_session_shell(s, "slirp4netns --configure --disable-host-loopback PID tap0");
    bw_session_hint(s, "net show: its interface, and the default route");
    return 0;
}

int net_nat(struct bw_session *s, int argc, char **argv)
{
    bool allowed = argc == 3 && strcmp(argv[2], "--forward") == 0;
    if (argc > 2 && !allowed)
        return bw_err_usage(&s->err, "net nat does not know %s", argv[2]);
    if (!net_of(s))
        return -1;
    return geteuid() == 0 ? translate(s, allowed) : tunnel(s);
}
