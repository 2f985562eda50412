#!/bin/sh
# Real searches on made data, for `winner_coverage --read`: columns
# search,config,wrong,network,mean.  In each search, FROM to TO, which are
# seeds, 15 random configurations learn from 200 rows, with early stopping on
# the 250 rows of val; the three best then learn again on three fresh seeds.  network is the
# error on 4050 fresh rows, mean that of three more networks of the
# configuration (the same as network where it has no repeats).
#
#     PATH=.build/bin:$PATH winner_searches.sh FROM TO [KIND NOISE] > FILE
#     winner_coverage --read < FILE            with repeats
#     awk -F, '!seen[$1, $2]++' FILE | winner_coverage --read        without
set -eu
from=$1 to=$2 kind=${3:-blobs} noise=${4:-.8}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trials=15 chosen=3 repeats=3

# $1: the configuration, $2: a seed.  Prints wrong,network
trial() {
    # shellcheck disable=SC2046 # options, without blanks
    assay train -q -j1 --label label --stop-on val --epochs 30 --predict \
        $(sed -n "$1p" "$work/space") --seed "$2" "$work/data.csv" |
        awk -F, 'NR > 1 && $2 == "val" { wrong = wrong ($3 != $4) }
            NR > 1 && $2 == "test" { n++; bad += $3 != $4 }
            END { print wrong "," bad / n }'
}

errors() { # of val, by configuration
    awk -F, '{ print gsub(/1/, "", $2), $1 }' "$work/first" | sort -n
}

for search in $(seq "$from" "$to"); do
    assay synth -q --rows 4500 --noise "$noise" --seed "$search" "$kind" |
        assay split -q --label label --seed "$search" \
            --parts train=.0444,val=.0556,test=.9 -o "$work/data.csv"
    awk -v seed="$search" -v n="$trials" '
        function within(low, high) { # all orders of magnitude alike
            return low * exp(rand() * log(high / low))
        }
        BEGIN {
            srand(seed)
            for (i = 0; i < n; i++) {
                printf "--learning-rate %.4g ", within(.001, .2)
                printf "--hidden %d ", within(4, 64)
                printf "--weight-decay %.3g ", within(1e-5, .1)
                printf "--batch %d ", within(8, 65)
                printf "--dropout %.2f\n", .5 * rand()
            }
        }' > "$work/space"
    for i in $(seq "$trials"); do
        echo "$i,$(trial "$i" "$((1000 * search + i))")"
    done > "$work/first"
    : > "$work/again"
    for i in $(errors | head -n "$chosen" | cut -d' ' -f2); do
        for r in $(seq $((2 * repeats))); do
            echo "$i,$r,$(trial "$i" "$((1000 * search + 100 * r + i))")"
        done >> "$work/again"
    done
    awk -F, -v OFS=, -v search="$search" -v repeats="$repeats" '
        FILENAME ~ /again$/ && $2 > repeats { mean[$1] += $4 / repeats; next }
        FILENAME ~ /again$/ { runs[++n] = $0; next }
        { print search, $1 - 1, $2, $3, ($1 in mean) ? mean[$1] : $3 }
        END { for (i = 1; i <= n; i++) {
            split(runs[i], r)
            print search, r[1] - 1, r[3], r[4], mean[r[1]]
        } }' "$work/again" "$work/first"
done
