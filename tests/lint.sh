#!/bin/sh
# shellcheck disable=SC2046,SC2086 # lists of files, without blanks
# Rules of the house that a compiler does not know.  Prints what breaks one
# and a closing line; exits 1 if anything does.
set -u
cd "$(dirname "$0")/.." || exit 1
broken=$(mktemp)
trap 'rm -f "$broken"' EXIT

# $1: a rule; standard input: what breaks it
report() {
    found=$(cat)
    [ -z "$found" ] && return
    printf '%s:\n%s\n' "$1" "$found"
    echo "$1" >> "$broken"
}

sources=$(git ls-files 'lib/*.c' 'lib/*.h' 'tools/*.c' 'tests/unit/*.c' \
    'tests/fuzz/*.[ch]' 'tests/faults/*.[ch]')

# Includes go one way: each room may use those before it.
rooms="base csv stats stream table synth nn model search analysis cli"
allowed() {
    case $1 in
    base) echo base ;;
    csv) echo base csv ;;
    stats) echo base stats ;;
    stream) echo base csv stats stream ;;
    table) echo base csv stats table ;;
    synth) echo base csv synth ;;
    nn) echo base csv stats table nn ;;
    model) echo base csv stats stream table nn model ;;
    search) echo base csv stats stream search ;;
    analysis) echo base csv stats stream table synth nn model search analysis ;;
    cli) echo "$rooms" ;;
    esac
}
for room in $rooms; do
    for file in lib/"$room"/*.[ch]; do
        sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u |
            while read -r used; do
                allowed "$room" | tr ' ' '\n' | grep -qx "$used" ||
                    echo "$file includes $used/"
            done
    done
done | report "an include goes up"

# A third-party header is known in one folder.
while read -r header where; do
    grep -ln "#include <$header" $sources | grep -v "^$where" | grep -v '^tests/'
done <<EOF | report "a library's header outside its folder"
csv.h lib/csv/
zlib.h lib/csv/
iconv.h lib/csv/
utf8proc.h lib/base/text
gsl/ lib/stats/
oneapi/ lib/nn/\(product\|wide\)
jansson.h lib/model/
png.h lib/table/image
jpeglib.h lib/table/image
EOF

git ls-files | grep -vE '(^|/)(README.md|NOTES.md|make.py)$' | sed 's|.*/||' |
    sort | uniq -d | report "a file name occurs twice"

grep -nE '\b(atoi|atof|atol|sprintf|strcpy|strcat|gets|strtok) *\(' $sources |
    report "an unsafe call"
grep -nE '\b(exit|abort|printf|puts|perror) *\(|\bstd(err|out)\b[^>]' \
    $(git ls-files 'lib/*.c' | grep -vE '^lib/(cli/|base/mem)') |
    report "the library prints or exits"
grep -nE 'reduction *\( *[+]|ffast-math|Ofast|omp atomic' $sources Makefile |
    report "an order of sums that depends on threads"

for file in $sources; do
    lines=$(wc -l < "$file")
    case $file in
    tools/*) most=300 ;;
    lib/*) most=500 ;;
    *) most=1500 ;;
    esac
    [ "$lines" -le "$most" ] || echo "$file: $lines lines"
done | report "a file is too long"

ctags -x --c-kinds=f --fields=+ne --_xformat='%N %{end} %n %F' \
    $(git ls-files 'lib/*.c' 'tools/*.c') |
    awk '$2 - $3 + 1 > 60 { print $4 ": " $1 ", " $2 - $3 + 1 " lines" }' |
    report "a function is over 60 lines"

clang-format --dry-run $sources 2>&1 | grep 'warning:' | cut -d: -f1 |
    sort -u | report "clang-format would change it"
shellcheck -x $(git ls-files '*.sh') .ci/run 2>&1 |
    report "shellcheck"
mandoc -T lint -W warning man/*.[1-8] 2>&1 | report "mandoc"
awk 'END { if (NR > 250) print "Makefile: " NR " lines" }' Makefile |
    report "the Makefile is too long"

printf 'lint: %d broken rules\n' "$(wc -l < "$broken")"
[ ! -s "$broken" ]
