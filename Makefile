# SPDX-License-Identifier: GPL-2.0-or-later
#
# make                 the tool, the library, man pages, completions
# make demo            the main job, shown in the simulator (DEVICE=0000:01:00.0: on this machine)
# make demo-lab        the same on a real kernel, in a virtual machine
# make check           everything: compilers, sanitizers, linters, unit tests, the lab; a counted line
# make check-long      what check leaves out: soak tests in full on each kernel, check-old, check-flags, check-fresh, bench; hours
# make check-unit      unit tests alone                     make lab         a shell in the lab
# make check-sim       what needs no kernel, in the simulator: seconds, and no root
# make check-lab       end-to-end tests in the lab          make lab-kernel  build the lab's kernel
# make check-old       the same, as if the kernels were older   make bench  figures, with gates and goals
# make check-hw DEVICE=0000:01:00.0    those that fit, on this machine's own device
# make check-layers    what may call what                  make check-flags   the flags of distributions
# make check-fresh     the README's commands, install, man and completions on bare Debian 12 and 13; as root
# make check-cross     builds for aarch64 and s390x, and the unit tests there
# make install         DESTDIR= PREFIX= BINDIR= LIBDIR= INCLUDEDIR= MANDIR= DATADIR= BASHDIR= ZSHDIR=
#                      FISHDIR= UNITDIR=
#                      UDEVDIR= SYSUSERSDIR= MODULESLOADDIR=
#
# V=1: show commands   SAN=1: address and undefined sanitizers   W=1: warnings are errors
# KERNEL=bzImage: the lab's kernel   KERNELS='a b': more kernels to test on   TEST=glob: these e2e tests
# O=dir: build there   CC= CFLAGS= CPPFLAGS= LDFLAGS= are yours   CC=aarch64-linux-gnu-gcc: for another machine

VERSION := $(shell sed -n 's/.*LIBIOMMUFD_VERSION "\(.*\)"/\1/p' lib/libiommufd.h)
SONAME := libiommufd.so.0

CC ?= gcc
# Those that belong to the compiler, which may be one for another machine.
OBJCOPY ?= $(shell $(CC) -print-prog-name=objcopy)
ifeq ($(origin AR),default)
AR := $(shell $(CC) -print-prog-name=ar)
endif
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
UNITDIR ?= $(PREFIX)/lib/systemd/system
UDEVDIR ?= $(PREFIX)/lib/udev/rules.d
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
MODULESLOADDIR ?= $(PREFIX)/lib/modules-load.d

ifdef SAN
O ?= build-san
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
else
O ?= build
# Some compilers bring a level of their own, and so does who builds packages.
HARDEN := $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif

# The kind of machine that programs are for: "aarch64 gnu".
machine_of = $(foreach triplet,$(shell $(1) -dumpmachine),$(firstword $(subst -, ,$(triplet))) $(lastword $(subst -, ,$(triplet))))
# What runs while building must be a program of this machine.
CC_FOR_BUILD ?= cc
ifneq ($(call machine_of,$(CC)),$(call machine_of,$(CC_FOR_BUILD)))
HERE := $(O)/for-build
else
HERE := $(O)
endif

# What a processor has against a return, or a jump, to where no call or function is.
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine)),)
HARDEN += -fcf-protection
else ifneq ($(filter aarch64%,$(shell $(CC) -dumpmachine)),)
HARDEN += -mbranch-protection=standard
endif

ALL_CFLAGS = -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Wno-missing-field-initializers $(if $(W),-Werror) -fstack-protector-strong \
	-fstack-clash-protection -ffunction-sections \
	-fdata-sections -fvisibility=hidden -D_GNU_SOURCE \
	$(HARDEN) $(SANITIZE) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -Wl,-z,relro,-z,now,-O1,--as-needed,--gc-sections $(SANITIZE) $(LDFLAGS)
# -static-pie is meant for programs.
SO_LDFLAGS = -shared $(filter-out -static -static-pie -pie -no-pie,$(ALL_LDFLAGS))

LIB_SRC := $(wildcard lib/*.c)
CLI_SRC := $(wildcard cli/*.c cli/*/*.c)
MAN_SRC := $(wildcard man/*.scd)
LIB_OBJ := $(LIB_SRC:%.c=$(O)/%.o)
PIC_OBJ := $(LIB_SRC:%.c=$(O)/%.pic.o)
CLI_OBJ := $(CLI_SRC:%.c=$(O)/%.o)
ENGINE_OBJ := $(filter-out $(O)/cli/main.o,$(CLI_OBJ))
HELPERS := $(patsubst tests/helpers/%.c,$(O)/tests/helpers/%,$(wildcard tests/helpers/*.c))
UNITS := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/test-*.c))
COMPLETIONS := $(addprefix $(O)/completions/iommufdctl.,bash zsh fish)
MANS := $(MAN_SRC:man/%.scd=$(O)/man/%)

ifeq ($(V),)
Q := @
say = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),:,printf '  %-7s %s\n' $(1) '$(2)')
else
say = @:
endif

include sim/sim.mk

.PHONY: all man completions test-programs clean install
.DEFAULT_GOAL := all
all: $(SIM_PROGRAM) $(O)/iommufdctl $(O)/libiommufd.a $(O)/libiommufd.so $(O)/libiommufd.pc $(O)/iommufdctl@.service completions man

$(O)/cli/%.o $(O)/completions/%.o $(O)/tests/unit/%.o: INC = -Icli
$(O)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIE -Ilib $(INC) -MMD -MP -c -o $@ $<

$(O)/%.pic.o: %.c
	$(call say,CC,$< (shared))
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -Ilib -MMD -MP -c -o $@ $<

# A static program loads no libraries. The shared one of the same build does.
ifneq ($(findstring -static,$(LDFLAGS)),)
$(LIB_OBJ) $(CLI_OBJ): ALL_CFLAGS += -DIS_STATIC
endif

# One object, of which only what the header declares can be seen: of machine code, in which objcopy finds symbols.
$(LIB_OBJ): ALL_CFLAGS += -fno-lto
$(O)/libiommufd.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)$(CC) -r -nostdlib -o $(O)/libiommufd.o $^ && $(OBJCOPY) --localize-hidden $(O)/libiommufd.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(O)/libiommufd.o

$(O)/libiommufd.so: $(PIC_OBJ) lib/libiommufd.map
	$(call say,LINK,$@)
	$(Q)$(CC) $(SO_LDFLAGS) $(if $(SAN),,-Wl,-z,defs) -Wl,-soname,$(SONAME) \
		-Wl,--version-script=lib/libiommufd.map -o $@ $(PIC_OBJ)
	$(Q)ln -sf libiommufd.so $(O)/$(SONAME)

# The library's objects are inside: the tool needs the C library and nothing else.
$(O)/iommufdctl: $(CLI_OBJ) $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(if $(findstring -static,$(LDFLAGS)),,-pie) $(ALL_LDFLAGS) -o $@ $^

# Always anew: PREFIX may be another one this time.
.PHONY: $(O)/libiommufd.pc
$(O)/libiommufd.pc: lib/libiommufd.pc.in
	@mkdir -p $(@D)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|' $< > $@

.PHONY: $(O)/iommufdctl@.service
$(O)/iommufdctl@.service: contrib/iommufdctl@.service.in
	@mkdir -p $(@D)
	$(Q)sed 's|@BINDIR@|$(BINDIR)|' $< > $@

completions: $(COMPLETIONS)
$(O)/completions/generate: $(O)/completions/generate.o $(ENGINE_OBJ) $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^
ifneq ($(HERE),$(O))
.PHONY: always
$(HERE)/completions/generate: always
	$(Q)$(MAKE) --no-print-directory O='$(HERE)' CC='$(CC_FOR_BUILD)' AR=ar OBJCOPY=objcopy CFLAGS=-O1 CPPFLAGS= LDFLAGS= SAN= $@
endif
$(O)/completions/iommufdctl.%: $(HERE)/completions/generate completions/%.in completions/live.sh
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$< $* > $@.tmp && mv $@.tmp $@

# The .ad l that scdoc writes is undone by the .TH of groff 1.23, which goes by the string AD.
man: $(MANS)
$(O)/man/%: man/%.scd
	$(call say,SCDOC,$@)
	@mkdir -p $(@D)
	$(Q)(echo '.ds AD l'; scdoc < $<) > $@.tmp && mv $@.tmp $@

install: all
	install -d "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DESTDIR)$(INCLUDEDIR)" \
		"$(DESTDIR)$(MANDIR)/man1" "$(DESTDIR)$(MANDIR)/man3" "$(DESTDIR)$(BASHDIR)" \
		"$(DESTDIR)$(DATADIR)/iommufdctl/schema" \
		"$(DESTDIR)$(ZSHDIR)" "$(DESTDIR)$(FISHDIR)" "$(DESTDIR)$(UNITDIR)" \
		"$(DESTDIR)$(UDEVDIR)" "$(DESTDIR)$(SYSUSERSDIR)" "$(DESTDIR)$(MODULESLOADDIR)"
	install -m755 $(O)/iommufdctl "$(DESTDIR)$(BINDIR)/iommufdctl"
	install -m755 $(O)/libiommufd.so "$(DESTDIR)$(LIBDIR)/libiommufd.so.$(VERSION)"
	ln -sf libiommufd.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/$(SONAME)"
	ln -sf $(SONAME) "$(DESTDIR)$(LIBDIR)/libiommufd.so"
	install -m644 $(O)/libiommufd.a "$(DESTDIR)$(LIBDIR)/libiommufd.a"
	install -m644 $(O)/libiommufd.pc "$(DESTDIR)$(LIBDIR)/pkgconfig/libiommufd.pc"
	install -m644 lib/libiommufd.h "$(DESTDIR)$(INCLUDEDIR)/libiommufd.h"
	install -m644 $(filter %.1,$(MANS)) "$(DESTDIR)$(MANDIR)/man1"
	install -m644 $(filter %.3,$(MANS)) "$(DESTDIR)$(MANDIR)/man3"
	install -m644 $(wildcard docs/schema/*.json) "$(DESTDIR)$(DATADIR)/iommufdctl/schema"
	install -m644 $(O)/completions/iommufdctl.bash "$(DESTDIR)$(BASHDIR)/iommufdctl"
	install -m644 $(O)/completions/iommufdctl.zsh "$(DESTDIR)$(ZSHDIR)/_iommufdctl"
	install -m644 $(O)/completions/iommufdctl.fish "$(DESTDIR)$(FISHDIR)/iommufdctl.fish"
	install -m644 "$(O)/iommufdctl@.service" "$(DESTDIR)$(UNITDIR)/iommufdctl@.service"
	install -m644 contrib/60-iommufdctl.rules "$(DESTDIR)$(UDEVDIR)/60-iommufdctl.rules"
	install -m644 contrib/sysusers.conf "$(DESTDIR)$(SYSUSERSDIR)/iommufdctl.conf"
	install -m644 contrib/modules-load.conf "$(DESTDIR)$(MODULESLOADDIR)/iommufdctl.conf"
ifeq ($(SIM),yes)
	install -m755 $(O)/iommufd-sim "$(DESTDIR)$(BINDIR)/iommufd-sim"
	install -m644 completions/iommufd-sim.bash "$(DESTDIR)$(BASHDIR)/iommufd-sim"
	install -m644 completions/iommufd-sim.zsh "$(DESTDIR)$(ZSHDIR)/_iommufd-sim"
	install -m644 completions/iommufd-sim.fish "$(DESTDIR)$(FISHDIR)/iommufd-sim.fish"
endif

clean:
	rm -rf build build-san build-clang build-aarch64 build-s390x

include sim/model/model.mk
include tests/tests.mk

-include $(shell find $(O) -name '*.d' -type f 2>/dev/null)
