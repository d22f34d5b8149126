# fuzz.mk -- libFuzzer on everything that reads bytes from outside.  Included by
# Makefile.  `make -j2 fuzz` gives each fuzzer FUZZ_TIME seconds; with FUZZ=name, one.
#
# Seeds are in tests/fuzz/corpus/<name>/; what a run learns and finds stays in
# build/fuzz/.  Needs clang.

FUZZ_CC   := clang
FUZZ_TIME ?= 10
FUZZ      ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_FLAGS := -std=c11 -D_GNU_SOURCE -g -O1 $(MARCH) -ffp-contract=off -pthread \
              $(WARN) $(WERROR) -fno-omit-frame-pointer -I. \
              -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_STORE := model/core/card.c model/core/random.c model/core/training.c \
              $(patsubst %,model/store/%.c,batch crc disk event group redo segment) \
              $(wildcard model/store/log*.c)
FUZZ_OBJ  := $(patsubst %.c,build/fuzz/%.o,\
               $(sort $(wildcard proto/*.c config/*.c) $(FUZZ_STORE)))

build/fuzz/%.o: %.c
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(wildcard tests/fuzz/*.h) $(FUZZ_OBJ)
	@echo "  LD   $@"
	@$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ_OBJ) -ljansson -lisal -lm

.SECONDARY: $(FUZZ_OBJ)
-include $(FUZZ_OBJ:.o=.d)
.PHONY: fuzz $(FUZZ:%=run-fuzz-%)
fuzz: $(FUZZ:%=run-fuzz-%)
$(FUZZ:%=run-fuzz-%): run-fuzz-%: build/fuzz/fuzz_%
	@echo "  FUZZ $* ($(FUZZ_TIME) s)"
	@mkdir -p build/fuzz/corpus/$*
	@build/fuzz/fuzz_$* -max_total_time=$(FUZZ_TIME) -timeout=5 \
	    -rss_limit_mb=1024 -max_len=4096 -dict=tests/fuzz/words.dict \
	    -artifact_prefix=build/fuzz/$*- -verbosity=0 -print_final_stats=1 \
	    build/fuzz/corpus/$* $(wildcard tests/fuzz/corpus/$*) \
	    >build/fuzz/$*.log 2>&1 || { tail -40 build/fuzz/$*.log; exit 1; }
	@sed -n 's/^stat::number_of_executed_units: */       runs: /p' \
	    build/fuzz/$*.log
