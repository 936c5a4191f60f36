#include "base/clock.h"

#include <time.h>

long long bw_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

long long bw_now_ms(void)
{
    return bw_now_us() / 1000;
}
