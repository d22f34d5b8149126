# bench.mk -- the programs of tests/bench.  Included by Makefile.
#
#   make bench                      everything: a quarter of an hour
#   make bench BENCH='--quick cpu'  one part, shortly (bench.py --help)

BENCH_DIR := $(B)/bench
BENCH_OBJ := $(patsubst tests/bench/%.c,$(B)/tests/bench/%.o,\
               $(wildcard tests/bench/*.c))
LOAD_OBJ  := $(patsubst %,$(B)/tests/bench/%.o,\
               load load_conn load_run load_source load_stream hist)
BENCHES   := $(patsubst %,$(BENCH_DIR)/%,load bare_loop bench_fold bench_recommend)
BENCH     ?=

$(BENCH_DIR)/load: $(LOAD_OBJ)
$(BENCH_DIR)/bare_loop: $(B)/tests/bench/bare_loop.o
$(BENCH_DIR)/bench_fold: $(B)/tests/bench/bench_fold.o $(LIB)
$(BENCH_DIR)/bench_recommend: $(B)/tests/bench/bench_recommend.o $(LIB)
$(BENCHES):
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: bench bench-fold bench-programs
bench-programs: $(BENCHES)
bench: freshet bench-programs
	@BENCH_PROGRAMS=$(BENCH_DIR) python3 tests/bench/bench.py \
	    --json=$(BENCH_DIR)/bench.json $(BENCH)
bench-fold: $(BENCH_DIR)/bench_fold
	@$<

-include $(BENCH_OBJ:.o=.d)
