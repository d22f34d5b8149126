# deps.mk -- installs what is missing.  Included by Makefile.
#
# Both targets do nothing, quickly, where everything is there.

.PHONY: deps deps-test
deps:
	@sh mk/deps.sh packages/build.txt
deps-test:
	@sh mk/deps.sh packages/build.txt packages/test.txt
