#!/bin/sh
# man_examples.sh PAGE...: runs the EXAMPLES of manual pages in the current
# folder and compares what they print with what the pages show.
#
# A command is a line of a literal block that starts with "$ ".  It goes on
# with the next line where the shell says that it is not whole, and to the line
# END where it has a here-document.  Both outputs of a command are compared, line by line:
# a line "..." stands for any lines; a number with a point may differ by 1 %,
# since another kind of processor rounds otherwise; all else must be the same.
# Commands that need Python or numpy are left out where that is not installed.
#
# Prints the differences, and what was left out; exits with 1 if there are
# differences.
set -u

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
LC_ALL=C
export LC_ALL
unset COLUMNS

# What a command needs that is not here, or nothing.
lacks() {
    grep -q python3 "$1" || return 0
    if ! command -v python3 >/dev/null; then
        echo python3
    elif grep -q 'import numpy' "$1" &&
        ! python3 -c 'import numpy' 2>/dev/null; then
        echo numpy
    fi
}

# The lines of the literal blocks of EXAMPLES, as a reader sees them.
examples() {
    awk '
        /^\.Sh / { on = $0 == ".Sh EXAMPLES" }
        /^\.Ed/ { block = 0 }
        on && block {
            gsub(/\\&/, "")
            gsub(/\\e/, "\\")
            print
        }
        /^\.Bd -literal/ { block = 1 }' "$1"
}

# Whether the lines of a file are a whole command.
is_whole() {
    if grep -q "<<'END'" "$1"; then
        [ "$(tail -n 1 "$1")" = END ]
    elif tail -n 1 "$1" | grep -q '\\$'; then
        false
    else
        sh -n "$1" 2>/dev/null
    fi
}

compare() {
    awk -v shown="$1" -v got="$2" '
        function alike(a, b,   m, n) {
            while (a != b) {
                m = match(a, /[0-9]+\.[0-9]+(e-?[0-9]+)?/) ? RSTART : 0
                la = RLENGTH
                n = match(b, /[0-9]+\.[0-9]+(e-?[0-9]+)?/) ? RSTART : 0
                lb = RLENGTH
                if (!m || m != n || substr(a, 1, m - 1) != substr(b, 1, n - 1))
                    return 0
                va = substr(a, m, la) + 0
                vb = substr(b, n, lb) + 0
                if (va - vb > .01 * va + .001 || vb - va > .01 * va + .001)
                    return 0
                a = substr(a, m + la)
                b = substr(b, n + lb)
            }
            return 1
        }
        function same(i, j) {
            for (; i <= n_shown; i++) {
                if (S[i] == "...") {
                    for (; j <= n_got + 1; j++)
                        if (same(i + 1, j))
                            return 1
                    return 0
                }
                if (j > n_got || !alike(S[i], G[j]))
                    return 0
                j++
            }
            return j > n_got
        }
        BEGIN {
            while ((getline line < shown) > 0)
                S[++n_shown] = line
            while ((getline line < got) > 0)
                G[++n_got] = line
            exit !same(1, 1)
        }'
}

# Runs the command in $work/command; $work/shown is what it should print.
check() {
    commands=$((commands + 1))
    lacking=$(lacks "$work/command")
    if [ -n "$lacking" ]; then
        echo "${page##*/}: an example was left out: no $lacking"
        return
    fi
    sh "$work/command" >"$work/got" 2>&1 </dev/null
    compare "$work/shown" "$work/got" && return
    failed=1
    echo "$page: differs:"
    sed 's/^/    $ /' "$work/command"
    diff "$work/shown" "$work/got" | sed 's/^/    /'
}

failed=0
for page; do
    commands=0
    state=none
    examples "$page" >"$work/lines"
    while IFS= read -r line; do
        case $state,$line in
        none,'$ '* | shown,'$ '*)
            [ $state = none ] || check
            printf '%s\n' "${line#"$ "}" >"$work/command"
            : >"$work/shown"
            state='command' ;;
        command,*)
            printf '%s\n' "$line" >>"$work/command" ;;
        shown,*)
            printf '%s\n' "$line" >>"$work/shown" ;;
        esac
        if [ $state = command ] && is_whole "$work/command"; then
            state=shown
        fi
    done <"$work/lines"
    [ $state = none ] || check
    if [ $commands -lt 3 ]; then
        echo "$page: fewer than three examples"
        failed=1
    fi
done
exit $failed
