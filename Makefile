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
DEBUG    := -g
CFLAGS   += -std=c11 -D_GNU_SOURCE $(DEBUG) $(OPT) $(MARCH) -ffp-contract=off \
            -pthread $(WARN) $(WERROR) $(HARDEN) $(SAN) -I. -I$(B) \
            -ffile-prefix-map=$(CURDIR)=.
LDFLAGS  += $(HARDEN_LD) -pthread $(SAN)
LDLIBS   += -levent_core -ljansson -lz -lisal -lopenblas -lm

# flavours
ifeq ($(FLAVOUR),asan)
OPT      := -O1
DEBUG    := -g1
SAN      := -fsanitize=address,undefined -fno-sanitize-recover=all \
            -fno-omit-frame-pointer
HARDEN   := -fPIE
endif
ifneq ($(filter tsan stress-tsan,$(FLAVOUR)),)
OPT      := -O1
DEBUG    := -g1
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
# fold-*: many builds of the model, to compare what they compute
ifneq ($(filter fold-%,$(FLAVOUR)),)
DEBUG    := -g0
endif
# Flavours that change a few files, and take the others from a BASE.
#   faults       failpoints and mutants of the store (model/store/disk.h)
#   stress       yields and sleeps at the marked points of the concurrent files
#   mutant-X     stress, with live_point.h's mutant X
BASE     :=
ifeq ($(FLAVOUR),faults)
BASE     := release
CHANGED  := DISK_POINT|DISK_MUTANT|FRESHET_FAULTS
CFLAGS   += -DFRESHET_FAULTS
endif
ifneq ($(filter stress stress-tsan mutant-%,$(FLAVOUR)),)
BASE     := $(if $(filter stress-tsan,$(FLAVOUR)),tsan,release)
CHANGED  := core/live_point\.h
CFLAGS   += -DLIVE_STRESS $(patsubst mutant-%,-DLIVE_MUTANT_%,\
              $(filter mutant-%,$(FLAVOUR)))
endif

# llhttp: Debian ships its C source (package node-llhttp); we compile it.
LLHTTP_INC := /usr/share/include/llhttp
LLHTTP_SRC := /usr/share/llhttp
LLHTTP_OBJ := $(patsubst %,$(B)/llhttp/%.o,api http llhttp)

SRC := $(sort $(wildcard model/*.c model/*/*.c config/*.c proto/*.c server/*.c server/*/*.c))
OBJ := $(patsubst %.c,$(B)/%.o,$(SRC))
LIB_OBJ := $(filter-out $(B)/server/main.o,$(OBJ)) $(LLHTTP_OBJ)
# The flavours that test the fold need nothing but the model, and of its store
# what events are made of.
ifneq ($(filter fold-%,$(FLAVOUR)),)
LIB_OBJ := $(filter-out $(B)/model/store/%,$(filter $(B)/model/%,$(OBJ))) \
           $(B)/model/store/crc.o $(B)/model/store/event.o
endif
LIB := $(B)/libfreshet.a
ifneq ($(BASE),)
LIB_OBJ := $(patsubst %.c,$(B)/%.o,$(shell grep -lE '$(CHANGED)' $(SRC)))
BASE_LIB := build/$(BASE)/libfreshet.a
LIB := $(LIB_OBJ) $(BASE_LIB)
endif
UNITS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/check_*.c)))

.PHONY: all
all: deps
	@$(MAKE) --no-print-directory -j$(JOBS) freshet compile_commands.json

freshet: $(B)/freshet
	@cp -f $< $@

$(B)/freshet: $(B)/server/main.o $(LIB)
	@echo "  LD   $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# As objects the changed files come first and whole: the linker takes none of
# their namesakes from the library.
ifneq ($(BASE),)
$(BASE_LIB): FORCE
	@$(MAKE) --no-print-directory -s FLAVOUR=$(BASE) $@ >/dev/null
else
$(LIB): $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $(LIB_OBJ)
endif

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
