#!/bin/sh
# Does the score of a winner hold where most trials were given up?  Searches
# with successive halving on made data: 60 trials, 200 rows to learn from, 250
# to judge by, 4050 fresh ones.
#
#     PATH=.build/bin:$PATH winner_halving.sh FROM TO [KIND NOISE]
#
# For each seed: the winner's error on fresh rows, as it was measured, its
# score, low and high; then the mean bias of both, and how often the interval
# held the error.
set -eu
from=$1 to=$2 kind=${3:-blobs} noise=${4:-.8}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
space='learning_rate=log:.001...2 hidden=int-log:4..64 dropout=0...5
    weight_decay=log:1e-5...1 batch=int-log:8..64'

# $1: a column of the best row
best() {
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++)
        if ($i == name) at = i; next } { print $at }' "$work/best"
}

for seed in $(seq "$from" "$to"); do
    rm -rf "$work/log" "$work/log.states"
    assay synth -q --rows 4500 --noise "$noise" --seed "$seed" "$kind" |
        assay split -q --label label --seed "$seed" \
            --parts train=.0444,val=.0556,test=.9 -o "$work/data"
    assay tune -q -j1 --workers 1 --seed "$seed" --label label \
        --method random --trials 60 --halving asha --epochs 27 --repeat 0 \
        --space "$space" --log "$work/log" -o /dev/null "$work/data"
    assay tune -q --best -o "$work/best" "$work/log"
    trial_seed=$(awk -F, -v trial="$(best trial)" '$1 == trial { seed = $7 }
        END { print seed }' "$work/log")
    fresh=$(assay train -q -j1 --label label --config "$work/best" \
        --seed "$trial_seed" --predict "$work/data" | awk -F, '
        NR > 1 && $2 == "test" { n++; wrong += $3 != $4 }
        END { print wrong / n }')
    echo "$seed,$fresh,$(best objective),$(best score),$(best low),$(best high)"
done | awk -F, '
    BEGIN { print "seed,fresh,objective,score,low,high" }
    {
        print
        plain += $3 - $2
        bias += $4 - $2
        held += $5 <= $2 && $2 <= $6
    }
    END { printf "bias as measured %.4f, of the score %.4f; held %.2f\n",
        plain / NR, bias / NR, held / NR }'
