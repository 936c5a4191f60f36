# boxwright: make, make demo, make check, make install. `make help` lists the rest.
VERSION = 0.1.0
PREFIX ?= /usr/local
ifeq ($(origin CC),default)
CC = gcc
endif
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
CSTD = -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wstrict-prototypes -Wconversion -Wvla -Werror
LIBDIR = $(PREFIX)/lib/boxwright
DOCDIR = $(PREFIX)/share/doc/boxwright
MANDIR = $(PREFIX)/share/man/man1
LESSONDIR = $(PREFIX)/share/boxwright/lessons
INSTALL ?= install

# Short lines; make V=1 shows the commands.
ifndef V
Q = @
say = @echo '  $(1) $(2)';
endif

# A build with sanitizers lies in a folder of its own: make SAN=1, make check SAN=1.
ifdef SAN
B := build/san
SANFLAGS = -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
HOOK := $(B)/tests/hooks/san.o
HOOKED = -Wl,--wrap=_exit,--wrap=bw_sock_send
# So does one that counts lines: make coverage. gcov's own fork and exec would set the counters back.
else ifdef COV
B := build/cov
SANFLAGS = --coverage -O0 -Wno-format-truncation -fdata-sections -fno-builtin-fork -fno-builtin-execve -fno-builtin-execv \
	-fno-builtin-execvp -fno-builtin-execl -fno-builtin-execlp -fno-builtin-execle
HOOK := $(B)/tests/hooks/cov.o
HOOKED = -Wl,--wrap=__gcov_exit,-T,tests/hooks/cov.ld
MODULE_HOOK := $(HOOK)
# And one for valgrind: tests/valgrind.sh.
else ifdef VG
B := build/vg
SANFLAGS = -O1 -g -Wno-format-truncation
HOOK := $(B)/tests/hooks/valgrind.o
HOOKED = -Wl,--wrap=syscall,--wrap=bw_sealed_program,--wrap=_exit,--wrap=bw_sock_send
else
B := build
endif

# What fuzzes: clang and libFuzzer, in a folder of their own.
ifdef FUZZER
B := build/fuzz
FUZZ_CC ?= clang
override CC = $(FUZZ_CC)
SANFLAGS = -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer \
	-fno-sanitize-recover=undefined -Wno-sign-conversion -Wno-unused-variable
endif

# All cores, unless the caller says how many.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

# libnl's headers lie in a folder of their own.
LIBNL := /usr/include/libnl3
CPPFLAGS += -Iinclude -isystem $(LIBNL) -DBW_VERSION='"$(VERSION)"' -DBW_LIBDIR='"$(LIBDIR)"' \
	-DBW_LESSONDIR='"$(LESSONDIR)"'
COMPILE = $(CC) $(CSTD) $(CPPFLAGS) $(CFLAGS) $(SANFLAGS) -MMD -MP
# The program's own symbols are exported to its modules.
LINK = $(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -rdynamic -pthread $(HOOKED)

SRC := $(filter-out src/modules/%,$(wildcard src/*/*.c))
OBJ := $(SRC:%.c=$(B)/%.o) $(HOOK)
TESTS := $(foreach k,unit kern term,$(patsubst tests/$(k)/test_%.c,$(B)/$(k)-%,$(wildcard tests/$(k)/test_*.c)))

PERCENT := %
# ---- modules: parts that need a library, left out where it is missing ----
# A # in a call is escaped for make before 4.3 and must not be for later ones.
HASH := \#
has = $(shell printf '$(HASH)include <stdio.h>\n$(foreach h,$(1),$(HASH)include <$(h)>\n)' | $(CC) -isystem $(LIBNL) -E -xc - >/dev/null 2>&1 && echo yes)
HEADER_line = readline/readline.h
HEADER_json = json-c/json.h
HEADER_archive = archive.h
HEADER_scope = systemd/sd-bus.h
HEADER_screen = curses.h
HEADER_seccomp = seccomp.h json-c/json.h
HEADER_yaml = yaml.h
HEADER_markdown = cmark.h
HEADER_net = netlink/route/link/veth.h
HEADER_nft = nftables/libnftables.h
LIBS_line = -lreadline
LIBS_json = -ljson-c
LIBS_archive = -larchive
LIBS_scope = -lsystemd
LIBS_screen = -lncursesw -ltinfo
LIBS_seccomp = -lseccomp -ljson-c
LIBS_yaml = -lyaml
LIBS_markdown = -lcmark
LIBS_net = -lnl-route-3 -lnl-3
LIBS_nft = -lnftables
WITHOUT_line = no line editor: lines are read plainly
WITHOUT_json = no inspect --json
WITHOUT_archive = no rootfs tar
WITHOUT_screen = no split screen and no watch
WITHOUT_seccomp = no seccomp, and harden docker without it
WITHOUT_yaml = no lessons
WITHOUT_markdown = no lessons
WITHOUT_net = net makes no interfaces
WITHOUT_nft = no net nat for root
WITHOUT_scope = no delegated scope on systemd hosts
# A module is a file, or a folder of them.
ALL_MODULES := $(patsubst src/modules/%.c,%,$(wildcard src/modules/*.c)) \
	$(patsubst src/modules/%/,%,$(wildcard src/modules/*/))
WANTED := $(if $(filter clean help format uninstall,$(MAKECMDGOALS)),,$(ALL_MODULES))
MODULES := $(foreach m,$(WANTED),$(if $(call has,$(HEADER_$(m))),$(m)))
LEFT_OUT := $(filter-out $(MODULES),$(WANTED))

# Data that belongs to modules lies beside them.
SHARED := $(patsubst share/%,$(B)/modules/%,$(wildcard share/*))

all: $(B)/boxwright $(MODULES:%=$(B)/modules/%.so) $(SHARED) left-out

$(SHARED): $(B)/modules/%: share/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

left-out:
	@$(foreach m,$(LEFT_OUT),echo "module $(m) is left out: $(HEADER_$(m)) is missing ($(WITHOUT_$(m))); make deps installs it";) :

$(B)/boxwright: $(B)/src/main.o $(OBJ)
	$(call say,link,$@)
	$(Q)$(LINK) -o $@ $^

$(B)/tests/hooks/%.o: SANFLAGS =
ifdef COV
$(B)/tests/%.o: SANFLAGS =
endif
$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(COMPILE) -fPIE -c -o $@ $<

$(B)/modules-o/%.o: src/modules/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(COMPILE) -fPIC -c -o $@ $<

.SECONDEXPANSION:
$(B)/modules/%.so: $$(patsubst src/modules/$$(PERCENT).c,$(B)/modules-o/$$(PERCENT).o,$$(wildcard src/modules/$$*.c src/modules/$$*/*.c)) $(MODULE_HOOK)
	@mkdir -p $(@D)
	$(call say,link,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) -shared $(LDFLAGS) $(if $(MODULE_HOOK),$(HOOKED)) -o $@ $^ $(LIBS_$*)

# Rewritten only when the flags change, so that everything is then compiled anew. Where modules and
# lessons are installed is left out of it, for `make && make install PREFIX=…`: it concerns two files.
FLAGS := $(CC) $(CSTD) $(CFLAGS) $(SANFLAGS) $(filter-out -DBW_LIBDIR=% -DBW_LESSONDIR=%,$(CPPFLAGS))
$(B)/flags: force
	@mkdir -p $(B); echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(FLAGS))' >$@
$(B)/libdir: force
	@mkdir -p $(B); echo '$(LIBDIR) $(LESSONDIR)' | cmp -s - $@ || echo '$(LIBDIR) $(LESSONDIR)' >$@
$(B)/src/base/module.o $(B)/src/lesson/find.o: $(B)/libdir

# ---- tests: each a program with every object but main.o ----
CHECK_LIBS := $(if $(filter clean help format,$(MAKECMDGOALS)),,$(shell $(PKG_CONFIG) --libs check 2>/dev/null || echo -lcheck -lm -lpthread -lrt))
TEST_LIBS_term = -lvterm
# Objects are not intermediate files: keep them.
.SECONDARY:
$(B)/unit-%: $(B)/tests/unit/test_%.o $(OBJ)
	$(call say,link,$@)
	$(Q)$(LINK) -o $@ $^ $(CHECK_LIBS)
$(B)/kern-%: $(B)/tests/kern/test_%.o $(OBJ)
	$(call say,link,$@)
	$(Q)$(LINK) -o $@ $^ $(CHECK_LIBS)
$(B)/term-%: $(B)/tests/term/test_%.o $(OBJ)
	$(call say,link,$@)
	$(Q)$(LINK) -o $@ $^ $(CHECK_LIBS) $(TEST_LIBS_term)

# ---- fuzzing: tests/fuzz/fuzz_NAME.c is a target, tests/fuzz/corpus/NAME/ its inputs ----
# What a target needs of modules is linked to it; a target whose modules are left out is left out.
FUZZ_MODULES_lesson = yaml markdown
FUZZ_MODULES_profile = seccomp
FUZZ_LINKED = lesson profile complete
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_LEFT_OUT := $(foreach n,$(FUZZ_NAMES),$(if $(filter $(LEFT_OUT),$(FUZZ_MODULES_$(n))),$(n)))
FUZZ := $(patsubst %,$(B)/fuzz-%,$(filter-out $(FUZZ_LEFT_OUT),$(FUZZ_NAMES)))
module_objects = $(patsubst src/modules/%.c,$(B)/modules-o/%.o,$(wildcard src/modules/$(1).c src/modules/$(1)/*.c))
# Without FUZZER=1 the program replays inputs; a fuzzer brings its own main.
ifdef FUZZER
FUZZ_LINK = -fsanitize=fuzzer
else
FUZZ_MAIN = $(B)/tests/fuzz/replay.o
endif
# An archive: a target that has another version of an object in it is linked without that object.
$(B)/fuzz.a: $(OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^
$(B)/fuzz-selftest: $(B)/tests/fuzz/selftest.o
$(filter-out $(B)/fuzz-selftest,$(FUZZ)): $(B)/fuzz-%: $(B)/tests/fuzz/fuzz_%.o $$(foreach m,$$(FUZZ_MODULES_$$*),$$(call module_objects,$$m))
$(FUZZ_LINKED:%=$(B)/fuzz-%): $(B)/tests/fuzz/linked.o
$(FUZZ) $(B)/fuzz-selftest: $(B)/tests/fuzz/fuzz.o $(FUZZ_MAIN) $(B)/fuzz.a
	$(call say,link,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) $(FUZZ_LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(B)/fuzz.a \
		$(foreach m,$(FUZZ_MODULES_$(@:$(B)/fuzz-%=%)),$(LIBS_$m))
fuzz-programs: $(FUZZ) $(if $(FUZZER),,$(B)/fuzz-selftest)
# One a line: "NAME: the module that it lacks".
fuzz-left-out:
	@$(foreach n,$(FUZZ_LEFT_OUT),echo '$(n): $(filter $(LEFT_OUT),$(FUZZ_MODULES_$(n)))';) :
# TIME seconds for each target (or those of ONLY='words proto'), and the table of docs/TESTING.md.
fuzz:
	@echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' | \
		$(or $(FUZZ_CC),clang) -fsanitize=fuzzer,address -o /dev/null -xc - 2>/dev/null || \
		{ echo 'make fuzz needs clang and libFuzzer: tools/deps.sh check installs them' >&2; exit 1; }
	@$(MAKE) --no-print-directory FUZZER=1 fuzz-programs
	@WITHOUT='$(FUZZ_LEFT_OUT)' tests/fuzz/run.sh -s $(or $(TIME),30) $(if $(ONLY),,-t docs/TESTING.md) $(ONLY)

# ---- calls that fail: a program that traces boxwright, linked with nothing of it ----
FAULTS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/faults/*.c))
$(B)/tests/faults/calls.h: $(B)/flags
	@mkdir -p $(@D)
	$(Q)echo '#include <sys/syscall.h>' | $(CC) -E -dM -xc - | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$$/[\2] = "\1",/p' >$@
$(FAULTS): $(B)/tests/faults/calls.h
$(B)/faults: CPPFLAGS += -I$(B)/tests/faults
$(B)/faults: HOOKED =
$(B)/faults: $(FAULTS)
	$(call say,link,$@)
	$(Q)$(LINK) -o $@ $^
# Every error for each kind of call, and the table of docs/TESTING.md; make faults ALL=1: every call.
faults: all $(B)/faults
	BW=$(B)/boxwright $(B)/faults $(if $(ALL),-a,-f) -t docs/TESTING.md

# Many boxes, steps and processes, in full, and the table of docs/TESTING.md.
load: all
	BW=$(B)/boxwright tests/load.sh -f -t docs/TESTING.md

tests: all
	@$(MAKE) --no-print-directory -k $(TESTS)

check: deps-check
	@$(MAKE) --no-print-directory all $(B)/docgen
	@MAKE='$(MAKE)' B=$(B) CC='$(CC)' tests/run $(SUITES)

# Each again with the address, undefined-behaviour and leak sanitizers.
san:
	@$(MAKE) --no-print-directory check SUITES=san
# Which lines they run, and the table of docs/TESTING.md.
coverage: deps-check
	@MAKE='$(MAKE)' CC='$(CC)' tests/coverage.sh -f -t docs/TESTING.md

# ---- what must be installed ----
deps:
	@tools/deps.sh demo
deps-check:
	@tools/deps.sh check

demo: deps
	@$(MAKE) --no-print-directory all
	@BW=$(B)/boxwright demo/run.sh

# ---- docs, from the command table ----
$(B)/docgen: $(B)/tools/docgen.o $(OBJ)
	$(call say,link,$@)
	$(Q)$(LINK) -o $@ $^
docs: $(B)/docgen
	$(B)/docgen commands >docs/commands.md.new && mv docs/commands.md.new docs/commands.md
	$(B)/docgen man >docs/boxwright.1.new && mv docs/boxwright.1.new docs/boxwright.1

# ---- the pictures of the README, from a real screen ----
$(B)/picture: tools/picture.c
	$(call say,cc,$<)
	$(Q)$(CC) $(CSTD) $(CFLAGS) -o $@ $< -lvterm -lutil
pictures: all $(B)/picture
	d=$$(mktemp -d) && HOME=$$d XDG_STATE_HOME=$$d XDG_RUNTIME_DIR=$$d \
		$(B)/picture $(B)/boxwright docs/pane.svg docs/pane.txt; s=$$?; rm -rf "$$d"; exit $$s

# ---- install ----
install: all
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR) $(DESTDIR)$(MANDIR) $(DESTDIR)$(DOCDIR)/docs
	$(INSTALL) -m 755 $(B)/boxwright $(DESTDIR)$(PREFIX)/bin/boxwright
	$(foreach m,$(MODULES),$(INSTALL) -m 644 $(B)/modules/$(m).so $(DESTDIR)$(LIBDIR)/$(m).so &&) :
	$(INSTALL) -m 644 $(SHARED) $(DESTDIR)$(LIBDIR)
	$(INSTALL) -m 644 docs/boxwright.1 $(DESTDIR)$(MANDIR)/boxwright.1
	$(INSTALL) -d $(DESTDIR)$(LESSONDIR) && $(INSTALL) -m 644 lessons/*.md $(DESTDIR)$(LESSONDIR)
	$(INSTALL) -m 644 README.md LICENSE CONTRIBUTING.md demo/article.bw $(DESTDIR)$(DOCDIR)
	$(INSTALL) -m 644 docs/*.md docs/pane.* $(DESTDIR)$(DOCDIR)/docs

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/boxwright $(DESTDIR)$(MANDIR)/boxwright.1
	rm -rf $(DESTDIR)$(LIBDIR) $(DESTDIR)$(DOCDIR) $(DESTDIR)$(PREFIX)/share/boxwright

# ---- for those who change it ----
FORMATTED = $(wildcard src/*.c src/*/*.[ch] src/modules/*/*.[ch] include/*/*.h tests/*/*.[ch] tools/*.c)
format:
	clang-format -i $(FORMATTED)
format-check:
	clang-format --dry-run -Werror $(FORMATTED)

# gcc's analyzer and clang-tidy, a file each so that make spreads them over the cores, and only what
# changed; cppcheck and shellcheck. What a library is missing for is left out.
LINTED := $(filter-out $(foreach m,$(LEFT_OUT),src/modules/$(m).c src/modules/$(m)/%),$(wildcard \
	src/*.c src/*/*.c src/modules/*/*.c tools/*.c $(if $(filter lint%,$(MAKECMDGOALS)),$(if $(call has,check.h),tests/*/*.c))))
LINT_FLAGS = $(CSTD) $(CPPFLAGS) -I$(B)/tests/faults
lint: lint-gcc lint-tidy lint-cppcheck lint-sh
lint-gcc: $(LINTED:%=$(B)/lint/%.gcc)
lint-tidy: $(LINTED:%=$(B)/lint/%.tidy)
LINT_WITH := .clang-tidy tests/.clang-tidy $(wildcard include/*/*.h src/*/*.h src/modules/*/*.h tests/*/*.h) \
	$(B)/flags $(B)/tests/faults/calls.h
$(B)/lint/%.gcc: % $(LINT_WITH)
	@mkdir -p $(@D)
	$(call say,lint,$<)
	$(Q)$(CC) $(LINT_FLAGS) -O2 -fanalyzer -S -o /dev/null $< && touch $@
$(B)/lint/%.tidy: % $(LINT_WITH)
	@mkdir -p $(@D)
	$(call say,tidy,$<)
	$(Q)clang-tidy --quiet $< -- $(LINT_FLAGS) 2>&1 && touch $@
lint-cppcheck: force
	cppcheck -j2 --std=c11 -D_GNU_SOURCE -Iinclude --enable=warning,style,performance,portability \
		--inline-suppr --suppressions-list=.cppcheck --error-exitcode=1 --quiet src tools tests
lint-sh: force
	shellcheck -S warning .ci/run tools/*.sh demo/*.sh tests/run tests/*.sh tests/*/*.sh tests/uml/init

$(B)/bench-keys: tests/bench/keys.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(CFLAGS) -o $@ $< -lutil
$(B)/bench-step: tests/bench/step.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CSTD) $(CFLAGS) -o $@ $< -lvterm -lutil
bench: all $(B)/bench-keys $(B)/bench-step
	@BW=$(B)/boxwright tests/bench/run.sh
	@BW=$(B)/boxwright tests/bench/pane.sh
# The pane's figures into docs/TESTING.md: on a machine that does nothing else.
bench-pane: all $(B)/bench-keys $(B)/bench-step
	@BW=$(B)/boxwright tests/bench/pane.sh -t docs/TESTING.md

# A shell in User Mode Linux, where control groups are v2 alone.
uml: all
	@tests/uml/run.sh shell

# A Debian with systemd, for the suite of that name where this machine's own tree has none.
systemd:
	@tools/systemd_root.sh

help:
	@sed -n 's/^#? //p' Makefile

#? make            builds build/boxwright and its modules
#? make demo       installs what is missing, builds, walks the article on real namespaces
#? make check      installs what is missing, builds, tests (SUITES='unit script' for some of them)
#? make san        the suites with the address, UB and leak sanitizers
#? make coverage   which lines the suites run, and the table of docs/TESTING.md
#? make install    PREFIX=/usr/local DESTDIR=; make uninstall takes it away again
#? make deps       installs what building and the demo need, nothing when all is there
#? make docs       writes docs/commands.md and docs/boxwright.1 from the command table
#? make pictures   docs/pane.svg and docs/pane.txt, from a session on a pty
#? make format     clang-format; make lint: gcc -fanalyzer, clang-tidy, cppcheck, shellcheck
#? make bench      start-up against unshare and bwrap, system calls counted
#? make bench-pane what the pane costs, into the table of docs/TESTING.md
#? make uml        a shell in User Mode Linux, with cgroup v2 alone
#? make systemd    fetches a Debian with systemd, for the systemd suite where this machine has none
#? make faults     makes calls fail, each with five errors, and writes the table of docs/TESTING.md
#? make load       200 boxes at once, 1,000 in turn, 2,000 processes in one; writes the table of docs/TESTING.md
#? make fuzz       runs the fuzz targets on (TIME=30 seconds each, ONLY='words proto') and writes their table
#? make clean      removes build/

clean:
	rm -rf build

# Not those of a build from when a module was compiled and linked in one go.
-include $(shell find $(B) -path $(B)/modules -prune -o -name '*.d' -print 2>/dev/null)
.PHONY: all left-out tests check san coverage deps deps-check demo docs install uninstall clean help force
.PHONY: format format-check lint lint-gcc lint-tidy lint-cppcheck lint-sh
.PHONY: faults load fuzz fuzz-programs fuzz-left-out bench bench-pane pictures uml systemd
