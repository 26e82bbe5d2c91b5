# SPDX-License-Identifier: GPL-2.0-or-later
# The targets that test and show; the products are in the Makefile.

LAB := tests/vm/run

$(O)/tests/helpers/%: $(O)/tests/helpers/%.o $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lpthread

$(O)/tests/unit/%.o: ALL_CFLAGS += -Icli
$(O)/tests/unit/test-%: $(O)/tests/unit/test-%.o $(ENGINE_OBJ) $(O)/libiommufd.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,--wrap=ioctl -o $@ $^ -lcmocka

.SECONDARY:
test-programs: $(HELPERS) $(UNITS)
