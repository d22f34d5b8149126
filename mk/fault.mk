# fault.mk -- the daemon is killed, unplugged, filled up and lied to.  Included
# by Makefile.
#
#   make units-faults       units of the store with failpoints (disk.h)
#   make test-faults        a bounded slice, and the mutants; FAULT=pattern
#                           runs some tests
#   make test-faults-long   50 kills, 20 power cuts, every failpoint at several
#                           passes, every byte: a quarter of an hour, by hand
#   make fault-mutants      old bugs put back in: a test must fail for each
#
# Some need root (mounts of their own), strace or faketime, and are skipped
# loudly without.

FAULT      ?=
FAULTS_BIN := build/faults/freshet
FAULTS_UNITS := $(patsubst tests/unit/%.c,$(B)/tests/%,\
                  $(sort $(wildcard tests/unit/faults_*.c)))

.PHONY: test-faults test-faults-long fault-mutants faults-build units-faults \
        faults-units
faults-build: freshet
	@$(MAKE) --no-print-directory -s -j$(JOBS) FLAVOUR=faults $(FAULTS_BIN)
units-faults:
	@$(MAKE) --no-print-directory -s -j$(JOBS) FLAVOUR=faults faults-units
faults-units: $(FAULTS_UNITS)
	@python3 tests/each.py RUN $^
-include $(FAULTS_UNITS:=.d)
test-faults: faults-build
	@python3 tests/fault/run.py $(FAULT)
	@$(if $(FAULT),,python3 tests/fault/mutants.py)
test-faults-long: faults-build
	@FRESHET_LONG=yes FRESHET_SEED=$${FRESHET_SEED:-$$(date +%s)} \
	    python3 tests/fault/run.py $(FAULT)
	@$(if $(FAULT),,python3 tests/fault/mutants.py)
fault-mutants: faults-build
	@python3 tests/fault/mutants.py
