/* Numbers for people. A negative one is what could not be read: "n/a". */
#ifndef BW_BASE_UNITS_H
#define BW_BASE_UNITS_H

struct bw_str;

void bw_add_number(struct bw_str *out, long long n);
void bw_add_bytes(struct bw_str *out, long long bytes);    /* "4.0 MiB", "12 B" */
void bw_add_us(struct bw_str *out, long long us);          /* "1.25 s", "3.0 ms" */
void bw_add_percent(struct bw_str *out, long long tenths); /* "49.8%" */

#endif
