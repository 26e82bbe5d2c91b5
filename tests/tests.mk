# SPDX-License-Identifier: GPL-2.0-or-later
# The targets that test and show; what is built to be installed is in the Makefile.

LAB := tests/vm/run
SCRIPTS = $(shell git ls-files -co --exclude-standard | xargs grep -lE '^\#!/(usr/bin/env bash|bin/bash|bin/sh)')

.PHONY: check check-unit check-san check-clang check-layers check-scripts check-install check-lab check-hw \
	check-completions demo lab lab-kernel bench deps-build deps-check deps-lab test-programs

deps-%:
	@tests/deps $*

$(O)/tests/helpers/%: $(O)/tests/helpers/%.o $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lpthread

$(O)/tests/unit/%.o: ALL_CFLAGS += -Icli
$(O)/tests/unit/test-%: $(O)/tests/unit/test-%.o $(ENGINE_OBJ) $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,--wrap=ioctl -o $@ $^ -lcmocka

.SECONDARY:
test-programs: $(O)/iommufdctl $(HELPERS)

check-unit: $(UNITS)
	@tests/unit/run $(UNITS)

# One after the other: the stages share the machine, and their output is to be read.
check: deps-build deps-check deps-lab
	@$(MAKE) --no-print-directory W=1 all test-programs
	@tests/check \
		'gcc, warnings are errors' $(MAKE) -s W=1 all test-programs $(UNITS) -- \
		'clang, warnings are errors' $(MAKE) -s check-clang -- \
		'layers' $(MAKE) -s check-layers -- \
		'scripts' $(MAKE) -s check-scripts -- \
		'unit' $(MAKE) -s W=1 check-unit -- \
		'unit, sanitizers' $(MAKE) -s W=1 SAN=1 check-unit -- \
		'completions' $(MAKE) -s check-completions -- \
		'install' $(MAKE) -s check-install -- \
		$(call lab-stages)

check-clang:
	@$(MAKE) -s W=1 CC=clang O=build-clang all test-programs

check-layers: all
	@tests/layers $(O)

check-scripts:
	@shellcheck $(SCRIPTS)

check-completions: completions $(O)/iommufdctl
	@completions/test $(O)

check-install: all
	@tests/install $(O)

lab-kernel:
	@tests/deps lab
	@tests/vm/kernel

lab: deps-build deps-lab all test-programs
	@$(LAB) --kernel "$$(tests/vm/kernel)" --env IOMMUFDCTL_LAB=1 --shell
