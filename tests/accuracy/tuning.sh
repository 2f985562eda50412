#!/bin/sh
# Does fine-tuning help?  lenet learns the classes 0 to 4 of Fashion-MNIST;
# then 200 rows of 5 to 9 are learned from its weights with the convolutions
# frozen, and from nothing.  A row of CSV for each seed with both accuracies on
# the test rows of 5 to 9, then their mean difference and its 95 % interval
# over the seeds (t distribution).
#
#     tuning.sh FOLDER        with the data
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1/idx
PATH=${ASSAY_BIN:-$here/../../.build/bin}:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# $1: the part of Fashion-MNIST, $2: what it is for.  A column `split` is last.
part() {
    assay pair -q --idx --stamp split="$2" "$data/fashion-$1-images-idx3-ubyte.gz" \
        "$data/fashion-$1-labels-idx1-ubyte.gz"
}
part train train > "$work/all.csv"
part t10k test | tail -n +2 >> "$work/all.csv"
awk -F, 'NR == 1 || $2 < 5' "$work/all.csv" > "$work/old.csv"
assay train -q --net lenet --shape 28x28x1 --epochs 5 --learning-rate 1e-3 \
    -m "$work/old.model" -o "$work/curve.csv" "$work/old.csv"

echo seed,tuned,anew
for seed in $(seq 24); do
    # 40 rows of each class, others for each seed
    awk -F, -v seed="$seed" 'NR == 1 { print; next } $2 < 5 { next }
        $NF == "test" { print; next }
        ++n[$2] > 40 * seed && n[$2] <= 40 * (seed + 1)' \
        "$work/all.csv" > "$work/few.csv"
    tuned=$(assay train -q --init-from "$work/old.model" --freeze conv \
        --stop-on none --epochs 60 --learning-rate 1e-3 --seed "$seed" \
        --predict "$work/few.csv" | assay eval -q --metrics --on test |
        awk -F, '$2 == "accuracy" { print $4 }')
    anew=$(assay train -q --net lenet --shape 28x28x1 --stop-on none \
        --epochs 60 --learning-rate 1e-3 --seed "$seed" --predict \
        "$work/few.csv" | assay eval -q --metrics --on test |
        awk -F, '$2 == "accuracy" { print $4 }')
    echo "$seed,$tuned,$anew"
done | tee "$work/seeds.csv"
awk -F, '{ d[NR] = $2 - $3; sum += d[NR] }
    END {
        mean = sum / NR
        for (i = 1; i <= NR; i++) squares += (d[i] - mean) ^ 2
        half = 2.0687 * sqrt(squares / (NR - 1) / NR) # t of 23, 97.5 %
        printf "difference %.4f (%.4f to %.4f)\n", mean, mean - half, mean + half
        exit mean - half <= 0
    }' "$work/seeds.csv"
