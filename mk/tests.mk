# tests.mk -- the test, bench and upkeep targets.  Included by Makefile.

.PHONY: units
units: $(UNITS)
	@set -e; for u in $(UNITS); do echo "  RUN  $$u"; $$u; done
