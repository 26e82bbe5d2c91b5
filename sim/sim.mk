# SPDX-License-Identifier: GPL-2.0-or-later
# The simulator: a program of its own. It needs jansson, which nothing else here does: where that is not installed for
# the compiler it is left out, and so on processors whose system calls it does not know, and with SIM=no.

SIM ?= $(shell printf '%s\n' '\#if !defined __x86_64__ && !defined __aarch64__' '\#error' '\#endif' | \
	$(CC) $(CPPFLAGS) -E -include jansson.h - >/dev/null 2>&1 && \
	test -e "$$($(CC) -print-file-name=libjansson.so)" && echo yes)
ifeq ($(SIM),yes)
SIM_PROGRAM := $(O)/iommufd-sim
SIM_TEST_PROGRAMS := $(patsubst tests/sim/%.c,$(O)/tests/sim/%,$(wildcard tests/sim/*.c))
endif

SIM_SRC := $(wildcard sim/*.c sim/supervisor/*.c sim/topology/*.c sim/devices/*.c)
SIM_OBJ := $(SIM_SRC:%.c=$(O)/%.o) $(O)/sim/topology/default.o

$(O)/sim/main.o $(O)/sim/supervisor/%.o $(O)/sim/topology/%.o $(O)/sim/devices/%.o: INC = -Isim

# The machine that is there without a file, as a text of C.
$(O)/sim/topology/default.c: sim/topology/lab.json
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)(echo '#include "topology/topology.h"'; echo 'const char topology_default[] ='; \
		sed 's/["\\]/\\&/g; s/\t/\\t/g; s/.*/"&\\n"/' $<; echo ';') > $@.tmp && mv $@.tmp $@
$(O)/sim/topology/default.o: $(O)/sim/topology/default.c
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIE -Ilib -Isim -MMD -MP -c -o $@ $<

$(O)/iommufd-sim: $(SIM_OBJ) $(O)/libiommufd-sim-model.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(if $(findstring -static,$(LDFLAGS)),,-pie) $(ALL_LDFLAGS) -o $@ $^ -ljansson

# As a program is that no library can be put in front of.
$(O)/tests/sim/%: ALL_LDFLAGS += -static
$(O)/tests/sim/%: $(O)/tests/sim/%.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lpthread

.PHONY: check-sim
# In the simulator, as whoever runs this: it needs no root.
check-sim: deps-build deps-sim all test-programs $(SIM_TEST_PROGRAMS)
	@TEST='$(TEST)' tests/check 'install' $(stage) check-install -- 'simulator' tests/sim/run --
