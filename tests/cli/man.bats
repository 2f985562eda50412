#!/usr/bin/env bats
# The manual pages: clean mdoc, the options and the usage line that --help has,
# and examples that print what is shown.

TOOLS='pair synth split check train eval decompose confuse shift tune'

setup_file() {
    ROOT="$BATS_TEST_DIRNAME/../.."
    ASSAY_BIN=$(cd "${ASSAY_BIN:-$ROOT/.build/bin}" && pwd)
    PATH="$ASSAY_BIN:$PATH"
    export ROOT ASSAY_BIN PATH
    mkdir "$BATS_FILE_TMPDIR/first"
    cd "$BATS_FILE_TMPDIR/first" || return 1
    cp "$ROOT/tests/data/bl_genre_books.csv.gz" books.csv.gz
    mkdir scans
    cp "$ROOT"/tests/data/images/{areas,colour8,grey8,palette2}.png scans
    # the other pages go on from the files of assay(1)
    if sh "$BATS_TEST_DIRNAME/man_examples.sh" "$ROOT/man/assay.1" \
        >../first.out 2>&1; then
        echo 0 >../first.status
    else
        echo 1 >../first.status
    fi
}

setup() {
    PATH="$ASSAY_BIN:$PATH"
    cp -r "$BATS_FILE_TMPDIR/first" "$BATS_TEST_TMPDIR/run"
    cd "$BATS_TEST_TMPDIR/run" || return 1
}

# Long options of --help, one a line.
help_options() {
    assay "$1" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u
}

# Long options that a page has an entry for.
page_options() {
    grep -E '^\.It Fl ' "$1" | grep -oE 'Fl -[a-z][a-z-]+' |
        sed 's/^Fl /-/' | sort -u
}

# Long options that a page speaks of anywhere.
mentioned_options() {
    grep -oE '(Fl -|--)[a-z][a-z-]+' "$1" | sed 's/^Fl /-/' | sort -u
}

# First line of the SYNOPSIS as a terminal shows it, blanks made one.
synopsis() {
    mandoc -T ascii -O width=300 "$1" | sed 's/.\x08//g' | awk '
        on && NF { $1 = $1; print; exit }
        /^SYNOPSIS/ { on = 1 }'
}

usage() {
    "$@" --help | sed -n '1s/^Usage: //p' | awk '{ $1 = $1; print }'
}

examples_hold() {
    run sh "$BATS_TEST_DIRNAME/man_examples.sh" "$ROOT/man/$1"
    echo "$output"
    [ "$status" -eq 0 ]
    [ -z "$output" ] || echo "# $output" >&3
}

@test "man: mandoc has no warnings" {
    run mandoc -T lint -W warning "$ROOT"/man/*.[15]
    echo "$output"
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "man: the list of hyperparameters is that of the table (make pages)" {
    cp "$ROOT/man/assay-train.1" page
    sh "$ROOT/man/hyperparameters.sh" page
    [ "$(grep -c '^\.It Fl' page)" -gt 60 ]
    diff "$ROOT/man/assay-train.1" page
}

@test "man: every option of --help has an entry, and no other" {
    for tool in $TOOLS; do
        page="$ROOT/man/assay-$tool.1"
        help_options "$tool" >help
        page_options "$page" >entries
        diff help entries
    done
}

@test "man: assay(1) has an entry for every shared option, and no other" {
    # of those of decompose all but its own, which its page has first
    sed '/^\.Ss Shared options/,$d' "$ROOT/man/assay-decompose.1" >own.1
    page_options own.1 >own
    help_options decompose | comm -23 - own >shared
    page_options "$ROOT/man/assay.1" >entries
    diff shared entries
}

@test "man: no page speaks of an option that does not exist" {
    { for tool in $TOOLS; do help_options "$tool"; done; } | sort -u >all
    for page in "$ROOT"/man/*.[15]; do
        mentioned_options "$page" >mentioned
        run comm -23 mentioned all
        echo "$page: $output"
        [ -z "$output" ]
    done
}

@test "man: the SYNOPSIS begins with the usage line" {
    for tool in $TOOLS; do
        page="$ROOT/man/assay-$tool.1"
        echo "$tool: $(synopsis "$page")"
        [ "$(synopsis "$page")" = "$(usage assay "$tool")" ]
    done
    [ "$(synopsis "$ROOT/man/assay.1")" = "$(usage assay)" ]
}

@test "man: examples of assay(1)" {
    cat "$BATS_FILE_TMPDIR/first.out"
    [ "$(cat "$BATS_FILE_TMPDIR/first.status")" = 0 ]
}

@test "man: examples of assay-pair(1)" {
    examples_hold assay-pair.1
}

@test "man: examples of assay-split(1)" {
    examples_hold assay-split.1
}

@test "man: examples of assay-check(1)" {
    examples_hold assay-check.1
}

@test "man: examples of assay-synth(1)" {
    examples_hold assay-synth.1
}

@test "man: examples of assay-train(1)" {
    examples_hold assay-train.1
}

@test "man: examples of assay-eval(1)" {
    examples_hold assay-eval.1
}

@test "man: examples of assay-decompose(1)" {
    examples_hold assay-decompose.1
}

@test "man: examples of assay-confuse(1)" {
    examples_hold assay-confuse.1
}

@test "man: examples of assay-shift(1)" {
    examples_hold assay-shift.1
}

@test "man: examples of assay-tune(1)" {
    examples_hold assay-tune.1
}

@test "man: examples of assay-csv(5)" {
    examples_hold assay-csv.5
}

@test "man: examples of assay-model(5)" {
    examples_hold assay-model.5
}
