#!/bin/sh
# Kills `assay train --checkpoint` at random moments, KILLS times a network (50
# unless said), going on each time with another number of threads; curve,
# predictions and model must be, to the byte, those of a run in peace.
#
#     tests/bench/kills.sh [KILLS]
#
# Prints a line a network: kills, runs that came to their end, seconds; exits 1
# if any differs.  The folder of the tools is to be on PATH.
set -eu

kills=${1:-50}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Images with a bright column or row.
awk 'BEGIN {
    srand(1)
    for (p = 0; p < 64; p++) printf "p%d,", p
    print "label"
    for (i = 0; i < 600; i++) {
        at = int(i / 2) * 3 % 8
        for (p = 0; p < 64; p++)
            printf "%d,", (i % 2 ? p % 8 : int(p / 8)) == at ? 200 : 150 * rand()
        print i % 2 ? "column" : "row"
    }
}' > lenet.csv

# Words whose letters say the class, as a rule.
awk 'BEGIN {
    srand(2)
    print "name,label"
    for (i = 0; i < 2000; i++) {
        word = substr("abxy", i % 4 + 1, 1)
        for (k = 0; k < 3 + i % 6; k++)
            word = word substr("abxy", 1 + int(4 * rand()), 1)
        print word "," (rand() < .9 ? i % 4 < 2 : i % 4 > 1)
    }
}' > lstm.csv

# Two numbers, a category and a text, three classes.
awk 'BEGIN {
    srand(3)
    split("r g b x", color, " ")
    print "a,b,color,words,label"
    for (i = 0; i < 900; i++) {
        k = i % 3
        printf "%.3f,%.3f,%s,%s %s of %d,%d\n", k + 2 * rand(), rand(),
            color[rand() < .6 ? k + 1 : 4], k ? "the old" : "a new",
            rand() < .5 ? "house" : "ship", i * 13 % 40, k
    }
}' > mlp.csv

# A whole number below $1, from the system.
random() {
    echo $(($(od -An -N4 -tu4 /dev/urandom) % $1))
}

milliseconds() {
    echo $(($(date +%s%N) / 1000000))
}

# What a command is given so that all it makes is in one folder.
outputs() {
    mkdir -p "$1"
    echo "-q --predict --probs --curve $1/curve -o $1/predictions"
    case $1 in
    mlp.*) ;; # folds leave no model
    *) echo "-m $1/model" ;;
    esac
}

# One that is still there is one that differs.
check() {
    for file in "$name.wanted"/*; do
        cmp -s "$file" "$name.got/${file##*/}" || status=1
    done
    [ -z "$(find . -name "$name.state*")" ] || status=1
    rm -rf "$name.got"
}

# $1: name; the rest: the command.  One line; 1 where anything differs.
# shellcheck disable=SC2046 # outputs without blanks
try() {
    name=$1 dead=0 ends=1 status=0
    shift
    begin=$(milliseconds)
    OMP_NUM_THREADS=1 "$@" $(outputs "$name.wanted") || status=1
    length=$(($(milliseconds) - begin))
    set -- "$@" --checkpoint "$name.state" --every 1
    while [ "$dead" -lt "$kills" ]; do
        pause=$(random $((length / 2 + 1)))
        OMP_NUM_THREADS=$((1 + $(random 3))) "$@" $(outputs "$name.got") &
        sleep "$(awk -v ms="$pause" 'BEGIN { print ms / 1000 }')"
        kill -KILL $! 2> /dev/null || :
        code=0
        wait $! 2> /dev/null || code=$?
        case $code in
        0)
            ends=$((ends + 1))
            check
            ;;
        137) dead=$((dead + 1)) ;;
        *) status=1 dead=$((dead + 1)) ;;
        esac
    done
    "$@" $(outputs "$name.got") || status=1
    check
    echo "$name: $kills kills, $ends ends, $((($(milliseconds) - begin) / 1000)) seconds:" \
        "$([ $status -eq 0 ] && echo the same bytes || echo DIFFERENT)"
    return $status
}

worst=0
try lenet assay-train --net lenet --shape 8x8x1 --kernel 3 --dropout .2 \
    --norm batch --schedule cosine --epochs 60 lenet.csv || worst=1
try lstm assay-train --net lstm --tokens char --type name=text --hidden 32 \
    --schedule plateau --token-drop .1 --epochs 24 lstm.csv || worst=1
try mlp assay-train --optimizer momentum --learning-rate .01 --dropout .2 \
    --noise .1 --folds 5 --epochs 60 --patience 6 mlp.csv || worst=1
exit $worst
