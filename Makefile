# freshet: `make help` lists the targets.
#
#   make                the program, at ./freshet
#   make demo           install what is missing, build, run the demo
#   make clean          remove what was built
#
# Each flavour of the build has its own folder below build/, so they never mix.
# Sources are found by folder; the folders are the architecture (make lint).

ifeq ($(origin CC),default)
CC       := gcc
endif
FLAVOUR  ?= release
B        := build/$(FLAVOUR)
VERSION  ?= $(shell git describe --tags --always 2>/dev/null || echo 0.1.0)
JOBS     := $(shell nproc 2>/dev/null || echo 2)

# One instruction set for everybody: the fold gives the same bits on all of
# them, so this is about speed only.  MARCH= builds for the compiler's default.
ifeq ($(shell uname -m),x86_64)
MARCH    ?= -march=x86-64-v2
endif
WERROR   ?= -Werror
OPT      ?= -O2
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wold-style-definition -Wvla -Wformat=2 \
            -Wpointer-arith -Wcast-qual -Wundef -Wno-psabi
HARDEN   := -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
            -fno-strict-overflow -fno-delete-null-pointer-checks
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifneq ($(findstring clang,$(CC)),clang)
HARDEN   += -fstack-clash-protection -fcf-protection=full
endif
SAN      :=
# -ffp-contract=off and no -ffast-math: determinism of the fold (DESIGN in
# ARCHITECTURE.md, "The fold").
CFLAGS   += -std=c11 -D_GNU_SOURCE -g $(OPT) $(MARCH) -ffp-contract=off \
            -pthread $(WARN) $(WERROR) $(HARDEN) $(SAN) -I. -I$(B) \
            -ffile-prefix-map=$(CURDIR)=.
LDFLAGS  += $(HARDEN_LD) -pthread $(SAN)
LDLIBS   += -levent_core -ljansson -lz -lisal -lopenblas -lm

# flavours
ifeq ($(FLAVOUR),asan)
OPT      := -O1
SAN      := -fsanitize=address,undefined -fno-sanitize-recover=all \
            -fno-omit-frame-pointer
HARDEN   := -fPIE
endif
ifeq ($(FLAVOUR),tsan)
OPT      := -O1
SAN      := -fsanitize=thread -fno-omit-frame-pointer
HARDEN   := -fPIE
endif
ifeq ($(FLAVOUR),o1)
OPT      := -O1
endif
ifeq ($(FLAVOUR),o3)
OPT      := -O3
endif
ifeq ($(FLAVOUR),v3)
OPT      := -O3
MARCH    := -march=x86-64-v3
endif
# faults: failpoints and mutants of the store (model/store/disk.h)
ifeq ($(FLAVOUR),faults)
CFLAGS   += -DFRESHET_FAULTS
endif
# stress: yields and sleeps at the marked points of the concurrent files
ifeq ($(FLAVOUR),stress)
CFLAGS   += -DLIVE_STRESS
endif
ifeq ($(FLAVOUR),stress-tsan)
OPT      := -O1
SAN      := -fsanitize=thread -fno-omit-frame-pointer
HARDEN   := -fPIE
CFLAGS   += -DLIVE_STRESS
endif

# llhttp: Debian ships its C source (package node-llhttp); we compile it.
LLHTTP_INC := /usr/share/include/llhttp
LLHTTP_SRC := /usr/share/llhttp
LLHTTP_OBJ := $(patsubst %,$(B)/llhttp/%.o,api http llhttp)

SRC := $(sort $(wildcard model/*.c model/*/*.c config/*.c proto/*.c server/*.c server/*/*.c))
OBJ := $(patsubst %.c,$(B)/%.o,$(SRC))
LIB_OBJ := $(filter-out $(B)/server/main.o,$(OBJ)) $(LLHTTP_OBJ)
# The flavours that test the fold need nothing but the model.
ifneq ($(filter fold-%,$(FLAVOUR)),)
LIB_OBJ := $(filter $(B)/model/%,$(OBJ))
endif
LIB := $(B)/libfreshet.a
UNITS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/check_*.c)))

.PHONY: all
all: deps
	@$(MAKE) --no-print-directory -j$(JOBS) freshet compile_commands.json

freshet: $(B)/freshet
	@cp -f $< $@

$(B)/freshet: $(B)/server/main.o $(LIB)
	@echo "  LD   $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIB): $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $(LIB_OBJ)

$(B)/version.h: FORCE
	@mkdir -p $(B)
	@echo '#define FRESHET_VERSION "$(VERSION)"' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/server/%.o: CFLAGS += -isystem $(LLHTTP_INC)
$(B)/%.o: %.c Makefile | $(B)/version.h
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# Somebody else's source: hardened as ours, warnings left to its authors.
$(B)/llhttp/%.o: $(LLHTTP_SRC)/%.c
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 $(MARCH) $(HARDEN) $(SAN) -fPIE -w -I$(LLHTTP_INC) -c -o $@ $<

$(B)/tests/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -isystem $(LLHTTP_INC) -MMD -MP $(LDFLAGS) -o $@ $< $(LIB) -lcheck -lsubunit -lrt $(LDLIBS)

.PHONY: FORCE
FORCE:
include mk/deps.mk mk/tests.mk mk/lint.mk mk/bench.mk
-include mk/stress.mk mk/fuzz.mk mk/fault.mk
-include $(OBJ:.o=.d) $(UNITS:=.d)
