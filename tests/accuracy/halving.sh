#!/bin/sh
# How many epochs successive halving needs to come to the best validation error
# of a random search: 60 trials of 50 epochs.  Long: some 20 minutes on two
# cores.
#
#   halving.sh DATA [SEEDS]
#
# For each seed: epochs of the random search, its best error, epochs of ASHA
# until it has one as low, their ratio; then the median of the ratios.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=${ASSAY_BIN:-$here/../../.build/bin}:$PATH
data=${1:?the folder with optdigits.csv.gz and bl_genre_books.csv.gz}
seeds=${2:-10}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
space='learning_rate=log:1e-5..1e-1 hidden=int-log:16..256 dropout=0..0.6
    weight_decay=log:1e-6..1e-1 schedule=constant,cosine,one_cycle'

# $1: a log; $2: an error, or nothing.  Epochs until it is reached, the best.
epochs_of() {
    awk -F, -v wanted="${2:--1}" '
        $2 !~ /^(rung|done|pruned:.*)$/ { next }
        {
            all += $6 - of[$1]
            of[$1] = $6
            if ($3 != "" && (best == "" || $3 < best)) best = $3
            if (!reached && best != "" && best <= wanted) reached = all
        }
        END { print (reached ? reached : all), best }' "$1"
}

# $1: name; the rest: options of the data
compare() {
    name=$1
    shift
    seed=1
    while [ "$seed" -le "$seeds" ]; do
        run="assay tune -q --seed $seed --method random --epochs 50
            --patience 50 --batch 256 --repeat 0 -o /dev/null"
        # shellcheck disable=SC2086 # words
        $run --space "$space" --trials 60 --log "$folder/random" "$@"
        # shellcheck disable=SC2086 # words
        $run --space "$space" --trials 180 --halving asha \
            --log "$folder/asha" "$@"
        random=$(epochs_of "$folder/random")
        asha=$(epochs_of "$folder/asha" "${random#* }")
        echo "$name $seed $random $asha"
        rm -rf "$folder/random" "$folder/asha"
        seed=$((seed + 1))
    done
}

{
    compare optdigits --label digit "$data/optdigits.csv.gz"
    assay split -q --label genre "$data/bl_genre_books.csv.gz" \
        > "$folder/books.csv"
    compare bl_genre_books --label genre --features title "$folder/books.csv"
} | awk '
    BEGIN { print "data seed epochs best epochs_asha best_asha ratio" }
    {
        reached = $6 <= $4
        printf "%s %.2f%s\n", $0, $3 / $5, reached ? "" : " not reached"
        fflush()
        ratio[$1] = ratio[$1] " " (reached ? $3 / $5 : 0)
    }
    END {
        for (set in ratio) {
            n = split(ratio[set], r, " ")
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && r[j] < r[j - 1]; j--) {
                    t = r[j]; r[j] = r[j - 1]; r[j - 1] = t
                }
            printf "%s: median ratio %.2f\n", set,
                (r[int((n + 1) / 2)] + r[int(n / 2) + 1]) / 2
        }
    }'
