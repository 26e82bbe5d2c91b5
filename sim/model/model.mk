# SPDX-License-Identifier: GPL-2.0-or-later
# What a simulated machine answers, and its tests.

MODEL_SRC := $(wildcard sim/model/*.c)
MODEL_OBJ := $(MODEL_SRC:%.c=$(O)/%.o)
MODEL_TEST_LIB := $(O)/sim/model/tests/world.o $(O)/sim/model/tests/lab.o
MODEL_PROGRAMS := $(O)/sim/model/tests/bench-model
MODEL_UNITS := $(patsubst %.c,$(O)/%,$(wildcard sim/model/tests/test-*.c))

# One object, of which only what model.h declares can be seen: of machine code, in which objcopy finds symbols.
$(MODEL_OBJ): ALL_CFLAGS += -fno-lto
$(O)/libiommufd-sim-model.a: $(MODEL_OBJ)
	$(call say,AR,$@)
	$(Q)$(CC) -r -nostdlib -o $(O)/libiommufd-sim-model.o $^ && $(OBJCOPY) --localize-hidden $(O)/libiommufd-sim-model.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(O)/libiommufd-sim-model.o

# They look inside: at the objects themselves.
$(O)/sim/model/tests/%.o: INC = -Isim/model -Itests/unit
$(MODEL_UNITS): %: %.o $(O)/sim/model/tests/calls.o $(MODEL_TEST_LIB) $(MODEL_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -pthread -o $@ $^ -lcmocka
$(O)/sim/model/tests/bench-model: $(O)/sim/model/tests/bench-model.o $(MODEL_TEST_LIB) $(O)/libiommufd-sim-model.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -pthread -o $@ $^

.PHONY: check-model
check-model: $(MODEL_UNITS)
	@tests/unit/run $(MODEL_UNITS)
