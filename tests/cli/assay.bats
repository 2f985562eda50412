# assay: the front door.
load model_helpers

@test "--help, and no argument" {
    try assay --help
    expect help 0 ""
    expect_like help "Usage: assay TOOL *" "$(<out)"
    for tool in pair split train eval decompose confuse; do
        grep -q "^  $tool  *[a-z]" out || fail "--help does not list $tool"
    done
    mv out help
    try assay
    expect "no argument" 2
    expect_empty "no argument" out
    expect_file "no argument" help err
}

@test "--version" {
    try assay --version
    expect assay 0 ""
    expect_like assay "assay [0-9]*.[0-9]*
*licence: GPL-3.0-or-later" "$(<out)"
}

@test "a tool that is not there is wrong usage" {
    for name in nope ../bin/assay-split /bin/true --nope ''; do
        try assay "$name" --help
        expect "'$name'" 2
        expect_empty "'$name'" out
        expect_text "'$name'" 1 "$(wc -l <err)"
    done
    try assay nope
    expect nope 2 "assay: no tool 'nope' (try: assay help)"
}

@test "the exit status and the arguments are the tool's" {
    try assay split --nonsense
    expect usage 2
    try assay train no-such-file.csv
    expect "no file" 1 "assay train: no-such-file.csv: cannot open: No such file or directory"
    printf 'label,pred\na,b\nb,b\n' >pred.csv
    try assay confuse --gate 'a.b.count<1' -o 'a file' pred.csv
    expect gate 3
    [ -s "a file" ] || fail "an argument with a blank was taken apart"
}

@test "it runs the tool of its own folder, else the one on the PATH" {
    mkdir own other
    cp "$ASSAY_BIN/assay" own/
    printf '#!/bin/sh\necho "own: $*"\n' >own/assay-split
    printf '#!/bin/sh\necho "other: $*"\n' >other/assay-mine
    chmod +x own/assay-split other/assay-mine
    try own/assay split a 'b c'
    expect own 0 ""
    lines own "own: a b c"
    PATH=$PWD/other:$PATH
    try own/assay mine x
    expect "on the PATH" 0 ""
    lines "on the PATH" "other: x"
    ln -s own/assay linked
    try ./linked split y
    lines "through a link" "own: y"
    try own/assay train --help
    expect_like "not in its folder" "Usage: assay train *" "$(<out)"
}

@test "help opens the pages" {
    [ "$(cd "$ASSAY_BIN" && pwd -P)" = \
        "$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)/.build/bin" ] ||
        skip "not the usual build: it has no man beside it"
    export PAGER=cat MANPAGER=cat MANWIDTH=78
    try assay help
    expect help 0
    grep -q "NAME" out || fail "no page" "$(head out)"
    for tool in split eval; do # eval is a builtin of the shell, too
        try assay help $tool
        expect "help $tool" 0
        # bold and underlined letters are struck over
        sed 's/.\x08//g' out >page
        grep -qi "assay-$tool(1)" page || fail "help $tool: another page" \
            "$(head -n 3 page)"
        grep -q EXAMPLES page || fail "help $tool: not the whole page"
    done
    try assay help nope
    [ "$status" -ne 0 ] || fail "help nope: exit status 0"
}

@test "threads wait briefly, unless somebody says how long" {
    mkdir tools
    printf '#!/bin/sh\necho "$GOMP_SPINCOUNT"\n' >tools/assay-show
    chmod +x tools/assay-show
    PATH=$PWD/tools:$PATH
    [ "$(env -u OMP_WAIT_POLICY -u GOMP_SPINCOUNT assay show)" = 10000 ]
    [ "$(env -u OMP_WAIT_POLICY GOMP_SPINCOUNT=7 assay show)" = 7 ]
    [ -z "$(env -u GOMP_SPINCOUNT OMP_WAIT_POLICY=active assay show)" ]
}
