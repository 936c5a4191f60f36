/* Small pictures: the history graph and meters. */
#include <string.h>

#include "pane_priv.h"

/* Dots of a braille character from the bottom up, for its left and its right column. */
static const unsigned char dots[2][4] = {{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}};

static int height_of(int value, int top, int most)
{
    if (value <= 0 || top <= 0)
        return 0;
    int h = (int)(((long long)value * most + top / 2) / top);
    /* What is not nothing is seen. */
    return h < 1 ? 1 : h > most ? most : h;
}

static void braille(char out[4], unsigned bits)
{
    out[0] = (char)0xe2;
    out[1] = (char)(0xa0 | bits >> 6);
    out[2] = (char)(0x80 | (bits & 0x3f));
    out[3] = '\0';
}

static unsigned look_of(int value, int limit)
{
    /* The kernel enforces a limit per period: within 2 % of it is at it. */
    return limit > 0 && value >= limit - limit / 50 ? BW_A_OVER : BW_A_METER;
}

static int value_at(const int16_t *v, int n, int from_end)
{
    return from_end < n ? v[n - 1 - from_end] : -1;
}

static void draw_dots(struct bw_canvas *c, struct bw_rect r, const int16_t *v, int n, int top,
                      int limit)
{
    for (int col = 0; col < r.cols; col++) {
        int back = (r.cols - 1 - col) * 2;
        int value[2] = {value_at(v, n, back + 1), value_at(v, n, back)};
        int higher = value[0] > value[1] ? value[0] : value[1];
        for (int row = 0; row < r.rows; row++) {
            unsigned bits = 0;
            for (int k = 0; k < 2; k++)
                for (int d = 0; d < 4; d++)
                    if (height_of(value[k], top, r.rows * 4) > (r.rows - 1 - row) * 4 + d)
                        bits |= dots[k][d];
            /* Where nothing is, a line says that it is a graph. */
            bool base = bits == 0 && row == r.rows - 1;
            char text[4];
            braille(text, base ? dots[0][0] | dots[1][0] : bits);
            if (bits || base)
                bw_canvas_put(c, r, row, col, base ? BW_A_DIM : look_of(higher, limit), text);
        }
    }
}

static void draw_blocks(struct bw_canvas *c, struct bw_rect r, const int16_t *v, int n, int top,
                        int limit)
{
    for (int col = 0; col < r.cols; col++) {
        int value = value_at(v, n, r.cols - 1 - col);
        int h = height_of(value, top, r.rows * 2);
        for (int row = 0; row < r.rows; row++) {
            int above = h - (r.rows - 1 - row) * 2;
            if (above > 0)
                bw_canvas_put(c, r, row, col, look_of(value, limit), above > 1 ? "#" : ":");
            else if (row == r.rows - 1)
                bw_canvas_put(c, r, row, col, BW_A_DIM, ".");
        }
    }
}

void bw_graph_draw(struct bw_canvas *c, struct bw_rect r, const int16_t *v, int n, int top,
                   int limit)
{
    if (c->ascii)
        draw_blocks(c, r, v, n, top, limit);
    else
        draw_dots(c, r, v, n, top, limit);
}

void bw_meter_draw(struct bw_canvas *c, struct bw_rect r, int row, int col, int cols,
                   long long part, long long whole)
{
    int full = 0;

    if (cols < 3)
        return;
    if (whole > 0 && part > 0)
        full = part >= whole ? cols - 2 : (int)((double)part / (double)whole * (cols - 2) + 0.5);
    bw_canvas_put(c, r, row, col, 0, "[");
    for (int i = 0; i < cols - 2; i++)
        bw_canvas_put(c, r, row, col + 1 + i, i < full ? BW_A_METER : BW_A_DIM,
                      i < full ? (c->ascii ? "#" : "\xe2\x96\xa0") : (c->ascii ? "." : "\xc2\xb7"));
    bw_canvas_put(c, r, row, col + cols - 1, 0, "]");
}
