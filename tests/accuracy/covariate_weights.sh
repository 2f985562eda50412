#!/bin/sh
# Does `assay shift --weights` help where inputs shift and the rule stays?
#
#   covariate_weights.sh [SEEDS]
#
# The class bends with x (sin 1.5 x), the reference lies about 0 and the target
# about 1.2: a linear network has to choose where to be right.  For each seed
# the error and log loss on target rows, trained without weights and with; then
# how often the weights were better, and the means.  Exits 1 unless they are
# better in most seeds.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=${ASSAY_BIN:-$here/../../.build/bin}:$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# $1: seed, $2: rows, $3: where x lies, $4: its spread
rows() {
    awk -v seed="$1" -v n="$2" -v at="$3" -v spread="$4" '
        function normal() {
            return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand())
        }
        BEGIN {
            srand(seed)
            print "x,y,z,label"
            for (i = 0; i < n; i++) {
                x = at + spread * normal()
                y = normal()
                odds = 4 * sin(1.5 * x) + y
                printf "%.5f,%.5f,%.5f,%s\n", x, y, normal(),
                    rand() < 1 / (1 + exp(-odds)) ? "yes" : "no"
            }
        }'
}

# error,log_loss of a linear network on the target
measure() {
    assay train -q --net linear --label label --stop-on none --epochs 60 \
        --learning-rate .02 -m "$folder/model" -o /dev/null "$@"
    assay eval -q -m "$folder/model" "$folder/target" |
        assay eval -q --metrics | awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["metric"] == "error" { error = $at["value"] }
        $at["metric"] == "log_loss" { loss = $at["value"] }
        END { print error, loss }'
}

seed=1
while [ "$seed" -le "${1:-10}" ]; do
    rows "$seed" 2000 0 1 > "$folder/reference"
    rows "$((seed + 1000))" 1000 1.2 .6 > "$folder/current"
    rows "$((seed + 2000))" 4000 1.2 .6 > "$folder/target"
    assay shift -q --weights --label label "$folder/reference" \
        "$folder/current" > "$folder/weighted"
    echo "$seed $(measure "$folder/reference") $(measure \
        --weight sample_weight "$folder/weighted")"
    seed=$((seed + 1))
done | awk '
    BEGIN { print "seed,error,log_loss,weighted_error,weighted_log_loss" }
    {
        print $1 "," $2 "," $3 "," $4 "," $5
        fflush()
        for (i = 2; i <= 5; i++) sum[i] += $i
        errors += $4 < $2
        losses += $5 < $3
    }
    END {
        printf "mean,%.4f,%.4f,%.4f,%.4f\n", sum[2] / NR, sum[3] / NR,
            sum[4] / NR, sum[5] / NR
        printf "weights better: error in %d, log loss in %d of %d\n", errors,
            losses, NR
        exit !(errors > NR / 2 && losses > NR / 2)
    }'
