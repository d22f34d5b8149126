# lint.mk -- the rules that a machine can check.  Included by Makefile.

LINTS := layers size banned atomics steps

# The lints are tested first: one that catches nothing is worse than none.
.PHONY: lint
lint:
	@bash tests/lint/selftest.sh
	@status=0; for l in $(LINTS); do \
	    echo "  LINT $$l"; bash tests/lint/$$l.sh || status=1; done; exit $$status
