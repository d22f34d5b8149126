# stress.mk -- the nets that only many threads, or all interleavings, can pass.
# Included by Makefile.
#
#   make stress         readers and trainer, then snapshots and trainer, for 2 s
#                       each, with sleeps between the steps; again under TSan and
#                       under ASan
#   make stress-long    the same for 10 minutes each
#   make model-check    spin: the protocols hold, and their mutants fail
#   make mutants        live.c with a step removed or late: a test must fail

STRESS_SECONDS  ?= 2
STRESS_SEED     ?= 1
STRESS_READERS  ?= 3
STRESS_FLAVOURS := stress stress-tsan asan
STRESS_LIMIT    := 30
STRESS_MUTANTS  := live:NO_RECHECK live:NO_DRAIN live:NO_COPY \
                   snapshot:LATE_SAVE snapshot:NO_HOLD

STRESS_ARGS = $(STRESS_SECONDS) $(STRESS_SEED) $(STRESS_READERS)

# Of the library the linker takes what they need: the rest cannot break them.
$(B)/tests/stress_%: tests/stress/stress_%.c $(LIB)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(LIB) $(LDLIBS)

-include $(B)/tests/stress_live.d $(B)/tests/stress_snapshot.d

.PHONY: stress stress-long model-check mutants
stress:
	@set -e; for f in $(STRESS_FLAVOURS); do \
	    $(MAKE) --no-print-directory -s -j$(JOBS) FLAVOUR=$$f \
	        build/$$f/tests/stress_live build/$$f/tests/stress_snapshot \
	        >/dev/null; \
	    for t in live snapshot; do \
	        echo "  RUN  stress_$$t ($$f)"; \
	        build/$$f/tests/stress_$$t $(STRESS_ARGS); \
	    done; \
	done

stress-long:
	@$(MAKE) --no-print-directory stress STRESS_SECONDS=600 \
	    STRESS_SEED=$$(date +%s)

model-check:
	@sh tests/spin/run.sh

# A mutant must fail soon (or crash: it may read freed memory); 2 is a wrong
# argument, 124 the time limit.  What RELAXED takes away no run on this hardware
# is likely to show: the model has to.
mutants:
	@set -e; for tm in $(STRESS_MUTANTS); do t=$${tm%%:*}; m=$${tm##*:}; \
	    $(MAKE) --no-print-directory -s -j$(JOBS) FLAVOUR=mutant-$$m \
	        build/mutant-$$m/tests/stress_$$t >/dev/null; \
	    status=0; \
	    said=$$(timeout $$(($(STRESS_LIMIT) + 10)) \
	        build/mutant-$$m/tests/stress_$$t $(STRESS_LIMIT) $(STRESS_SEED) \
	        $(STRESS_READERS) 2>&1) || status=$$?; \
	    case $$status in 0|2|124) echo "  MUTANT $$m survived:" \
	        "status $$status, $$said" >&2; exit 1 ;; esac; \
	    echo "  MUTANT $$m caught: $${said##*stress_$$t: }"; \
	done
	@$(MAKE) --no-print-directory -s -j$(JOBS) FLAVOUR=mutant-RELAXED \
	    build/mutant-RELAXED/model/core/live.o >/dev/null
	@sh tests/spin/run.sh MUT_RELAXED_PIN
