/* Time that passes (CLOCK_MONOTONIC): for measuring and for deadlines, not of the day. */
#ifndef BW_BASE_CLOCK_H
#define BW_BASE_CLOCK_H

long long bw_now_us(void);
long long bw_now_ms(void);

#endif
