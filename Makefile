# boxwright: make, make demo, make check, make install.
CC ?= gcc
CFLAGS ?= -O2 -g
CSTD = -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wstrict-prototypes -Wconversion -Wvla -Werror
PREFIX ?= /usr/local
VERSION = 0.1.0
CPPFLAGS += -Iinclude -DBW_VERSION='"$(VERSION)"' -DBW_LIBDIR='"$(PREFIX)/lib/boxwright"'

SRC := $(filter-out src/main.c,$(wildcard src/*/*.c))
SRC := $(filter-out src/modules/%,$(SRC))
OBJ := $(SRC:%.c=build/%.o)
MODULES := $(patsubst src/modules/%.c,build/modules/%.so,$(wildcard src/modules/*.c))

all: build/boxwright $(MODULES)

build/boxwright: build/src/main.o $(OBJ)
	$(CC) $(LDFLAGS) -rdynamic -o $@ $^

build/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(CPPFLAGS) $(CFLAGS) -fPIE -MMD -MP -c -o $@ $<

LIBS_line = -lreadline
LIBS_json = -ljson-c
LIBS_archive = -larchive
LIBS_scope = -lsystemd
build/modules/%.so: src/modules/%.c
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -MMD -MP -MF build/modules/$*.d -o $@ $< $(LIBS_$*)

-include $(shell find build -name '*.d' 2>/dev/null)
clean:
	rm -rf build
.PHONY: all clean
