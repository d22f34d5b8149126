# tests.mk -- the tests, in the order in which they fail fastest.  Included by
# Makefile.
#
#   make test           a bounded slice of everything: five minutes on two CPUs;
#                       what CI runs
#   make test-long      what the slices leave out, but for test-faults-long,
#                       stress-long and longer fuzzing (FUZZ_TIME=600)
#   make units          one program per module; CK_RUN_SUITE, CK_FORK=no work
#   make http           the real daemon; HTTP=pattern runs some
#   make determinism    golden numbers and model_hash, compilers x levels x ISA
#   make check-asan     units and HTTP under ASan + UBSan
#   make check-tsan     the threads under TSan
#
# Tests run several at a time: FRESHET_JOBS=1 one after the other.

HTTP      ?=
FUZZ_SLICE := 2

.PHONY: test test-long
test: deps-test
	@$(MAKE) --no-print-directory -j$(JOBS) freshet $(UNITS)
	@$(MAKE) --no-print-directory lint units units-faults
	@$(MAKE) --no-print-directory determinism DETERMINISM="$(FOLD_SLICE)"
	@$(MAKE) --no-print-directory http test-faults
	@$(MAKE) --no-print-directory stress model-check mutants
	@$(MAKE) --no-print-directory check-asan check-tsan \
	    HTTP_TSAN="$(TSAN_SLICE)"
	@$(MAKE) --no-print-directory -j$(JOBS) -O fuzz FUZZ_TIME=$(FUZZ_SLICE)
test-long: deps-test
	@$(MAKE) --no-print-directory determinism check-asan check-tsan
	@$(MAKE) --no-print-directory stress STRESS_SECONDS=30
	@$(MAKE) --no-print-directory -j$(JOBS) -O fuzz FUZZ_TIME=20

.PHONY: units
units: $(UNITS)
	@python3 tests/each.py RUN $(UNITS)

.PHONY: http
http: freshet
	@python3 tests/http/run.py $(HTTP)

# ---- determinism -----------------------------------------------------------

# The fold must give these programs' recorded bits whatever built them.
FOLD_TESTS := golden model_hash trend predict sigmoid simd dropout
DETERMINISM := gcc:-O1: gcc:-O3: clang:-O1: clang:-O3:
# `make units` has gcc -O2.  Each compiler, each level, each ISA:
FOLD_SLICE := gcc:-O1: clang:-O3:
ifeq ($(shell uname -m),x86_64)
ifneq ($(shell grep -m1 -o avx2 /proc/cpuinfo),)
DETERMINISM += gcc:-O3:-march=x86-64-v3 clang:-O3:-march=x86-64-v3
FOLD_SLICE := gcc:-O3:-march=x86-64-v3 clang:-O1: \
              clang:-O3:-march=x86-64-v3
endif
endif

.PHONY: determinism fold-tests
determinism:
	@set -e; for d in $(DETERMINISM); do \
	    cc=$${d%%:*}; rest=$${d#*:}; opt=$${rest%%:*}; march=$${rest#*:}; \
	    echo "  FOLD $$cc $$opt $$march"; \
	    $(MAKE) --no-print-directory -s -j$(JOBS) fold-tests CC=$$cc OPT=$$opt \
	        $${march:+MARCH=$$march} FLAVOUR=fold-$$cc$$opt$${march#-march=}; \
	done
fold-tests: $(patsubst %,$(B)/tests/check_%,$(FOLD_TESTS))
	@set -e; for t in $^; do CK_VERBOSITY=minimal $$t; done

# ---- sanitizers ------------------------------------------------------------

# The HTTP tests run against the instrumented daemon; TSAN_SLICE has
# each kind of thread at work once.
HTTP_ASAN := predict ratings ndjson bad_input framing bodies lifecycle \
             refusals reload auth durable person items events neural \
             import_layers admin recommend_learning
HTTP_TSAN := recommend_learning ratings ndjson lifecycle swap durable person \
             admin
TSAN_SLICE := learning.OnScanThreads SharedScans lifecycle swap durable.Snapshots \
              admin.Pause admin.Settings admin.Rollback.test_as_it_was person \
              ndjson

.PHONY: check-asan check-tsan sanitized-units
check-asan:
	@$(MAKE) --no-print-directory -j$(JOBS) FLAVOUR=asan sanitized-units \
	    build/asan/freshet
	@FRESHET_BIN=build/asan/freshet python3 tests/http/run.py $(HTTP_ASAN)
check-tsan:
	@$(MAKE) --no-print-directory -j$(JOBS) FLAVOUR=tsan build/tsan/freshet \
	    $(patsubst %,build/tsan/tests/check_%,$(TSAN_UNITS))
	@python3 tests/each.py TSAN $(patsubst %,build/tsan/tests/check_%,$(TSAN_UNITS))
	@TSAN_OPTIONS=halt_on_error=1 FRESHET_BIN=build/tsan/freshet \
	    python3 tests/http/run.py $(HTTP_TSAN)
TSAN_UNITS := ids live queue journal trainer trainer_call quality_fold \
              snapshot store_read journal_log keeper keeper_erase keeper_export \
              rollback rollback_hard held keeper_settings
sanitized-units: $(UNITS)
	@python3 tests/each.py ASAN $(UNITS)

# ---- upkeep ----------------------------------------------------------------

.PHONY: help demo clean format compile_commands.json
help:
	@sed -n 's/^#   make/  make/p' Makefile mk/*.mk

demo: deps
	@$(MAKE) --no-print-directory -j$(JOBS) freshet
	@./freshet demo

format:
	@clang-format -i $(SRC) $(wildcard model/*.h */*/*.h config/*.h proto/*.h server/*.h)

compile_commands.json: $(SRC)
	@{ echo '['; sep=; for f in $(SRC); do \
	    printf '%s{"directory":"%s","file":"%s","command":"%s"}\n' "$$sep" \
	        "$(CURDIR)" "$$f" \
	        "$(CC) $(subst ",,$(CFLAGS)) -isystem $(LLHTTP_INC) -c $$f"; \
	    sep=,; done; echo ']'; } > $@

clean:
	@rm -rf build freshet compile_commands.json
