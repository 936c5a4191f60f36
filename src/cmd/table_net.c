/* The command table: network, boxes. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "net",
        .usage = "net [show]\nnet up [INTERFACE]\nnet veth ADDRESS/LENGTH [--peer ADDRESS] [--box "
                 "OTHER]\nnet bridge NAME ADDRESS/LENGTH [--host ADDRESS]\n"
                 "net route NETWORK/LENGTH | default via ADDRESS\nnet nat [--forward]\n"
                 "net ping ADDRESS [TIMES]",
        .summary = "connect the box: links, addresses, routes, a way out",
        .help = "A new network namespace has lo alone, and it is down. Each change is a request of "
                "rtnetlink(7), on a socket that was opened in the box's namespace and works there "
                "from outside; beside it stands the line of ip(8) that would do the same.\n"
                "up sets an interface up, lo if none is named. veth makes a pair of links: one end "
                "in the box, the other on the host, with the first free address of the network "
                "unless --peer names one, or in another box. bridge joins the box to a bridge of "
                "the session, which is made for the first; every box that joins it reaches the "
                "others, and with --host the host too. route adds a route. ping measures: three "
                "echo requests from within the box.\n"
                "nat is the way out. As root it translates the box's address on the host, by a "
                "table of nftables that is the session's own, and adds the default route; packets "
                "then pass the host only if net.ipv4.ip_forward is 1, which --forward sets until "
                "the last such box has ended. An ordinary user gets slirp4netns or pasta, which "
                "sends from sockets of its own what the box sends.\n"
                "On the host only root makes links; an ordinary user's bridge is in the box that "
                "joins it first, and the others share its user namespace. Addresses that exist and "
                "networks that overlap a route are refused. Links on the host are called bw and a "
                "number, marked with the session's name, and go with the box: by the session, the "
                "janitor of a killed one, or boxwright cleanup.",
        .example = "unshare net\nnet up\nnet ping 127.0.0.1\nnet show",
        .shell = "ip link add NAME type veth peer name eth0 netns PID",
        .man = "rtnetlink(7), veth(4), ip(8), nft(8), network_namespaces(7)",
        .needs = BW_STEP | BW_BOX | BW_NET,
        .needs_of = bw_cmd_net_needs,
        .complete = {BW_C_WORDS},
        .words = "show up veth bridge route nat ping --peer --box --host --forward default via",
        .run = bw_cmd_net,
    },
    {
        .name = "box",
        .usage = "box [list]\nbox new NAME [--net OTHER] [--share NAMESPACE,... OTHER]...\n"
                 "box NAME\nbox share NAMESPACE,... OTHER\nbox rm NAME...",
        .summary = "several boxes in one session: make, list, go to, share, remove",
        .help = "A session begins with one box, called box. box new makes another and goes to it; "
                "commands are about the current one, which the prompt names. Each has a stage, "
                "control groups and a journal of its own: plan, undo, redo and reset are about it "
                "alone, save writes the steps of all.\n"
                "box share opens /proc/PID/ns/NAME of the other box's stage outside and hands it "
                "to this one's, which calls setns(2): so the containers of a Pod share a network. "
                "The other box must have such a namespace of its own, and of an ordinary user the "
                "kernel wants the user namespace that owns it, which is shared too. box new with "
                "--share does the same at once (--net OTHER is --share net OTHER).\n"
                "While a box is in another's namespaces that one's undo, reset and removal are "
                "refused; when it has to be built anew, because a step of it failed halfway, the "
                "others follow. box list shows which namespace is whose.",
        .example = "unshare uts net\nbox new web --share uts,net box\nbox list",
        .shell = "nsenter --target PID --net",
        .man = "setns(2), namespaces(7), nsenter(1)",
        .needs = 0,
        .needs_of = bw_cmd_box_needs,
        .complete = {BW_C_BOX},
        .words = "new list rm share --net --share",
        .run = bw_cmd_box,
    },
};

const struct bw_command_group bw_group_net = {"network, boxes", commands,
                                              sizeof commands / sizeof commands[0]};
