# assay: why is my classifier wrong, and what now?
#
#   make                 build into .build/
#   make deps demo       install what is missing, run the demonstration
#   make deps check      install what is missing, run all tests
#   make fuzz            SECONDS=60 for each of the fuzzers
#   make faults          SEEDS=20: do the checks find what is broken on purpose
#   make install         PREFIX=/usr/local DESTDIR=
#
# DEVELOPER=1 makes warnings errors; SANITIZE=address,undefined builds (and
# tests) with sanitizers, in a folder of its own; CC=clang works too.

VERSION = 0.1.0
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g

# Debian 12 packages: what building and using needs, then what tests need.
PACKAGES = gcc make zlib1g-dev libcsv-dev libdnnl-dev libgsl-dev \
    libutf8proc-dev libjansson-dev libpng-dev libjpeg-dev man-db
TEST_PACKAGES = libcmocka-dev bats mandoc shellcheck clang clang-format \
    libomp-dev universal-ctags parallel gnuplot-nox

JOBS := $(shell nproc)
comma := ,
B := .build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))$(if \
    $(filter clang%,$(CC)),/clang)
SANITIZE_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) \
    -fno-omit-frame-pointer -fno-sanitize-recover=all)

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
    -Wmissing-prototypes -Wvla $(if $(DEVELOPER),-Werror) \
    $(if $(filter clang%,$(CC)),-Wno-pass-failed) # of loops it leaves alone
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Ilib -fopenmp -fno-math-errno \
    -fno-trapping-math -ffp-contract=fast -MMD -MP $(WARNINGS) $(SANITIZE_FLAGS) $(CFLAGS)
LIBS = -ldnnl -lgsl -lgslcblas -lcsv -lz -lutf8proc -ljansson -lpng -ljpeg -lm
LINK = $(CC) -fopenmp $(SANITIZE_FLAGS) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed

SOURCES := $(sort $(wildcard lib/*/*.c))
OBJECTS := $(SOURCES:%.c=$B/%.o)
NN_DOUBLE := $(patsubst %.c,$B/double/%.o,$(wildcard lib/nn/*.c))
LIBRARY := $B/libassay.a
TOOLS := $(patsubst tools/%.c,%,$(wildcard tools/*.c))
PROGRAMS := $(patsubst %,$B/bin/assay-%,$(filter-out assay,$(TOOLS))) \
    $B/bin/assay
UNITS := $(patsubst tests/unit/%.c,$B/unit/%,$(wildcard tests/unit/*.c))
PAGES := $(wildcard man/*.1 man/*.5)

.PHONY: all deps demo check build unit cli lint fuzz fuzzers accuracy bench \
    bench-commands bench-drift bench-metrics bench-reading bench-search \
    bench-shift check-random faults \
    pages install uninstall dist clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAMS)

# `make deps check` installs before it builds, with -j too.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(OBJECTS) all build: | deps
endif

# ---- building ----

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(DEFINES) -c -o $@ $<

$B/double/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DNN_DOUBLE -c -o $@ $<

$B/lib/cli/version.o: DEFINES = -DASSAY_VERSION='"$(VERSION)"' \
    -DASSAY_FLAGS='"$(strip $(CFLAGS) $(SANITIZE_FLAGS))"'

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

$B/bin/assay: $B/tools/assay.o $(LIBRARY)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)

$B/bin/assay-%: $B/tools/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)

# ---- what it needs ----

deps:
	@sh tests/deps.sh $(PACKAGES) $(TEST_PACKAGES)

# ---- trying it out ----

demo:
	@$(MAKE) --no-print-directory -s -j$(JOBS) all
	@PATH="$(CURDIR)/$B/bin:$$PATH" sh pipelines/debug.sh --label genre \
	    --features title --keep title tests/data/bl_genre_books.csv.gz demo

# ---- tests ----

$(filter $B/unit/test_nn_%,$(UNITS)): $B/unit/%: $B/tests/unit/%.o \
    $(NN_DOUBLE) $(LIBRARY)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ -lcmocka $(LIBS)

$B/unit/%: $B/tests/unit/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ -lcmocka $(LIBS)

$B/tests/unit/test_nn_%.o: DEFINES = -DNN_DOUBLE

build: $(PROGRAMS) $(UNITS)

unit: $(UNITS)
	@set -e; for t in $(UNITS); do $$t; done

# Files of tests side by side, where GNU parallel is there to do it.
cli: all
	@ASSAY_BIN="$(CURDIR)/$B/bin" bats tests/cli \
	    $$(command -v parallel >/dev/null && \
	    echo --jobs $(JOBS) --no-parallelize-within-files)

check:
	@$(MAKE) --no-print-directory -s -j$(JOBS) build
	@$(MAKE) --no-print-directory -s unit
	@$(MAKE) --no-print-directory -s cli

lint:
	@sh tests/lint.sh

# libFuzzer on what reads files of other people: clang, sanitizers, and only
# the part of the library that is read with.
SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/%.c,$B/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZED := $(patsubst %.c,$B/%.o,$(wildcard lib/base/*.c lib/csv/*.c \
    lib/table/image*.c) lib/table/exif.c lib/table/idx.c \
    lib/model/safetensors.c lib/stats/kll.c lib/stats/quantiles.c \
    $(filter-out %_merge.c,$(wildcard lib/stream/profile*.c)))

fuzz:
	@$(MAKE) --no-print-directory -s -j$(JOBS) CC=clang B=.build/fuzz \
	    SANITIZE=fuzzer-no-link,address,undefined fuzzers
	@sh tests/fuzz/run.sh .build/fuzz $(SECONDS)

fuzzers: $(FUZZERS)

$(FUZZERS): $B/%: $B/tests/fuzz/%.o $(FUZZED)
	$(CC) -fopenmp -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)

# Long: what the README's table of accuracies says; DATA=FOLDER with the data.
accuracy: all
	@sh tests/accuracy/networks.sh $(DATA)
	@sh tests/accuracy/tuning.sh $(DATA)

# Faults put in on purpose, and whether `check` finds them: faults.c says more.
$B/faults: $(patsubst %.c,$B/%.o,$(wildcard tests/faults/*.c)) $(LIBRARY)
	$(LINK) -o $@ $^ $(LIBS)

faults:
	@$(MAKE) --no-print-directory -s -j$(JOBS) $B/faults
	@$B/faults $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS)

# Networks beside PyTorch; whole commands beside Python; searches beside Optuna.
$B/bench/%: $B/tests/bench/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(LIBS)

bench: $B/bench/speed
	@sh tests/bench/speed.sh $B/bench/speed

bench-commands: all
	@PATH="$(CURDIR)/$B/bin:$$PATH" sh tests/bench/commands.sh $(DATA)

bench-metrics: all
	@PATH="$(CURDIR)/$B/bin:$$PATH" sh tests/bench/metrics.sh

bench-reading: $B/bench/reading
	@sh tests/bench/reading.sh "$(CURDIR)/$B/bench/reading"

bench-search: $B/bench/regret
	@sh tests/bench/search.sh $B/bench/regret $(SEEDS)

# Long: ten minutes; RUNS=10000
bench-drift: all
	@sh tests/bench/drift.sh

bench-shift: $B/bench/shift_null
	@$B/bench/shift_null $(RUNS)

# Long: 200,000 files at random, read by Python's csv module too.
check-random: $B/bench/records
	@python3 tests/bench/random_csv.py $B/bench/records

# ---- the manual ----

# The list of hyperparameters, from the table the tools have.
pages: all
	@PATH="$(CURDIR)/$B/bin:$$PATH" sh man/hyperparameters.sh \
	    man/assay-train.1

# ---- installing ----

BIN = $(DESTDIR)$(PREFIX)/bin
MAN = $(DESTDIR)$(PREFIX)/share/man
SHARE = $(DESTDIR)$(PREFIX)/share/assay

install: all
	install -d $(BIN) $(MAN)/man1 $(MAN)/man5 $(SHARE)/pipelines
	install -m 755 $(PROGRAMS) $(BIN)
	install -m 644 $(filter %.1,$(PAGES)) $(MAN)/man1
	install -m 644 $(filter %.5,$(PAGES)) $(MAN)/man5
	install -m 755 $(wildcard pipelines/*.sh) $(SHARE)/pipelines

uninstall:
	rm -f $(patsubst $B/bin/%,$(BIN)/%,$(PROGRAMS))
	rm -f $(patsubst man/%.1,$(MAN)/man1/%.1,$(filter %.1,$(PAGES)))
	rm -f $(patsubst man/%.5,$(MAN)/man5/%.5,$(filter %.5,$(PAGES)))
	rm -rf $(SHARE)

dist:
	git archive --format=tar.gz --prefix=assay-$(VERSION)/ \
	    -o .build/assay-$(VERSION).tar.gz HEAD

clean:
	rm -rf .build demo

-include $(OBJECTS:.o=.d) $(NN_DOUBLE:.o=.d) $(wildcard $B/tools/*.d \
    $B/tests/*/*.d)
