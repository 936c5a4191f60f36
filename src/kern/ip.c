#include "kern/ip.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "base/words.h"

static unsigned bits(const struct bw_ip *ip)
{
    return ip->family == AF_INET ? 32 : 128;
}

int bw_ip_parse(const char *text, bool prefix, struct bw_ip *out, struct bw_err *err)
{
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    size_t n = slash ? (size_t)(slash - text) : strlen(text);
    long long len;
    *out = (struct bw_ip){0};
    if (n < sizeof address) {
        memcpy(address, text, n);
        address[n] = '\0';
        if (inet_pton(AF_INET, address, out->b) == 1)
            out->family = AF_INET;
        else if (inet_pton(AF_INET6, address, out->b) == 1)
            out->family = AF_INET6;
    }
    out->len = bits(out);
    if (out->family && !slash && !prefix)
        return 0;
    if (out->family && slash && prefix && bw_parse_num(slash + 1, 0, bits(out), &len) == 0) {
        out->len = (unsigned)len;
        return 0;
    }
    bw_err_usage(err, "%s is no address%s", text, prefix ? " with the length of its network" : "");
    bw_err_todo(err, "write it as %s or %s", prefix ? "10.7.0.2/24" : "10.7.0.1",
                prefix ? "fd07::2/64" : "fd07::1");
    return -1;
}

static void set_host_bits(struct bw_ip *ip, bool one)
{
    for (unsigned i = ip->len; i < bits(ip); i++) {
        unsigned char bit = (unsigned char)(0x80u >> i % 8);
        ip->b[i / 8] = (unsigned char)(one ? ip->b[i / 8] | bit : ip->b[i / 8] & ~bit);
    }
}

struct bw_ip bw_ip_network(const struct bw_ip *ip)
{
    struct bw_ip net = *ip;
    set_host_bits(&net, false);
    return net;
}

bool bw_ip_same(const struct bw_ip *a, const struct bw_ip *b)
{
    return a->family == b->family && memcmp(a->b, b->b, bits(a) / 8) == 0;
}

bool bw_ip_is_link_local(const struct bw_ip *ip)
{
    return ip->family == AF_INET6 && ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

bool bw_ip_overlap(const struct bw_ip *a, const struct bw_ip *b)
{
    struct bw_ip x = *a, y = *b;
    if (a->family != b->family)
        return false;
    x.len = y.len = a->len < b->len ? a->len : b->len;
    x = bw_ip_network(&x);
    y = bw_ip_network(&y);
    return bw_ip_same(&x, &y);
}

struct bw_ip bw_ip_neighbour(const struct bw_ip *ip)
{
    struct bw_ip first = bw_ip_network(ip);
    unsigned char *last = &first.b[bits(ip) / 8 - 1];
    *last = (unsigned char)(*last + 1);
    if (bw_ip_same(&first, ip))
        *last = (unsigned char)(*last + 1);
    return first;
}

static bool is_special(const struct bw_ip *ip)
{
    static const struct in6_addr none = IN6ADDR_ANY_INIT, lo = IN6ADDR_LOOPBACK_INIT;
    if (ip->family == AF_INET)
        return ip->b[0] == 0 || ip->b[0] == 127 || ip->b[0] >= 224;
    return ip->b[0] == 0xff || memcmp(ip->b, &none, 16) == 0 || memcmp(ip->b, &lo, 16) == 0;
}

int bw_ip_check_host(const struct bw_ip *ip, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct bw_ip net = bw_ip_network(ip), last = *ip;
    set_host_bits(&last, true);
    bw_ip_add(ip, true, &text);
    if (ip->len + 2 > bits(ip) || ip->len < 8) {
        bw_err_usage(err, "%s: a network between a box and its neighbours has a length of 8 to %u",
                     text.s, bits(ip) - 2);
    } else if (is_special(ip)) {
        bw_err_usage(err, "%s is loopback, multicast or reserved: no interface can have it",
                     text.s);
    } else if (bw_ip_same(ip, &net)) {
        bw_err_usage(err, "%s is the network itself, not an address in it", text.s);
    } else if (ip->family == AF_INET && bw_ip_same(ip, &last)) {
        bw_err_usage(err, "%s is the network's broadcast address", text.s);
    } else {
        return 0;
    }
    bw_err_todo(err, "take another one, as 10.7.0.2/24");
    return -1;
}

void bw_ip_add(const struct bw_ip *ip, bool prefix, struct bw_str *out)
{
    char text[INET6_ADDRSTRLEN] = "none";
    if (ip->family)
        inet_ntop(ip->family, ip->b, text, sizeof text);
    bw_str_add(out, text);
    if (prefix)
        bw_str_addf(out, "/%u", ip->len);
}
