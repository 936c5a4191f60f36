/* Between the files of the goal language. */
#ifndef BW_LESSON_GOAL_PRIV_H
#define BW_LESSON_GOAL_PRIV_H

#include "lesson/goal.h"

enum type { T_TRUTH, T_NUMBER, T_TEXT, T_ANY };

enum kind { V_UNSEEN, V_NONE, V_TRUTH, V_NUMBER, V_TEXT };

enum unseen { U_HOST, U_BOX, U_SHORT }; /* the host hides it; no box; not sampled long enough */

enum unit { N_PLAIN, N_BYTES, N_US };

struct value {
    enum kind kind;
    enum unseen why;
    double number; /* a truth is 0 or 1 */
    const char *text;
    enum unit unit;
};

enum op {
    OP_LITERAL,
    OP_FACT,
    OP_OR,
    OP_AND,
    OP_NOT,
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_WITHIN, /* x in a..b */
    OP_IN,     /* a word in a list of words */
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_NEG,
    OP_IF, /* kid[0] if kid[1] else kid[2] */
    OP_RISING,
    OP_SLOPE
};

enum whose { W_BOX, W_HOST, W_START };

struct bw_goal {
    enum op op;
    enum type type;
    struct bw_goal *kid[3];
    struct value literal;
    /* of a fact */
    const struct fact *fact;
    enum whose whose;
    int field;
    char *arg;
    char *source; /* as written, of facts and literals */
};

/* One name of the language. To add one: a line in goal_facts.c, and one in docs/LESSON_FORMAT.md.
 */
struct fact {
    const char *name;
    enum type type; /* of its value, or of its first field */
    /* Reads it. n is a number that the line gives, or the field's index; arg is NULL unless the
     * name is a function. */
    void (*get)(const struct bw_snapshot *s, size_t n, const char *arg, struct value *v);
    size_t n;
    enum unit unit;
    const char *arg; /* of a function: what stands in the parentheses */
    /* "type source pid# up?": those after the parentheses, texts, numbers (#) and truths (?);
     * without one: whether it is there. */
    const char *fields;
    const char *what; /* one line for people */
};

extern const struct fact facts[];
extern const size_t facts_n;

const struct fact *fact_find(const char *name, size_t len);
/* The index of a field, or -1; its type. */
int fact_field(const struct fact *f, const char *name, size_t len);
enum type fact_field_type(const struct fact *f, int field);

void goal_value(const struct bw_goal *g, const struct bw_scene *s, struct value *v);
/* A number with its unit, a text in quotes. */
void goal_show(const struct value *v, struct bw_str *out);
/* Whether n is a whole number that a long long can hold exactly. */
bool goal_whole(double n);

#endif
