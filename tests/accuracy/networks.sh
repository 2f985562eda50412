#!/bin/sh
# How well the networks do: a row of CSV for each, with the accuracy on the
# published test rows (or of 5 folds) and its 95 % interval.
#
#     networks.sh FOLDER        with the data
#
# Needs assay in the PATH (or its folder in ASSAY_BIN).  Half an hour on two
# cores, most of it resnet's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1
PATH=${ASSAY_BIN:-$here/../../.build/bin}:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
worse=0

# $1: data, $2: the least accuracy, $3: file, $4: split that counts; options
measure() {
    name=$1 least=$2 file=$3 on=$4
    shift 4
    assay train -q --predict "$@" -o "$work/predictions.csv" "$file"
    assay eval -q --metrics --on "$on" "$work/predictions.csv" |
        awk -F, -v name="$name" -v least="$least" -v options="$*" '
            $2 == "accuracy" {
                printf "%s,%s,%.4f,%.4f,%.4f,%s\n", name, least, $4, $5, $6,
                    options
                exit $4 < least
            }' || worse=1
}

# $1: the part of Fashion-MNIST, $2: what it is for
fashion_part() {
    assay pair -q --idx --stamp split="$2" -o "$work/$2.csv" \
        "$data/idx/fashion-$1-images-idx3-ubyte.gz" \
        "$data/idx/fashion-$1-labels-idx1-ubyte.gz"
}
fashion_part train train
fashion_part t10k test
cat "$work/train.csv" > "$work/fashion.csv"
tail -n +2 "$work/test.csv" >> "$work/fashion.csv"

echo data,least,accuracy,low,high,options
long=$data/japanese_vowels_long.csv.gz
wide=$data/japanese_vowels_seq.csv.gz
measure japanese_vowels_seq .96 "$wide" test --label speaker --features seq \
    --net lstm --learning-rate 3e-3 --batch 16
measure japanese_vowels_long .96 "$long" test --label speaker \
    --sequence seq_id --time t --net lstm --learning-rate 3e-3 --batch 16
measure japanese_vowels_seq .95 "$wide" test --label speaker --features seq \
    --net attention --learning-rate 1e-3 --dropout .2
measure japanese_vowels_long .95 "$long" test --label speaker \
    --sequence seq_id --time t --net attention --learning-rate 1e-3 \
    --dropout .2
measure names_nationality .825 "$data/names_nationality.csv.gz" val \
    --label nationality --net lstm --tokens char --folds 5 --epochs 15 \
    --patience 3 --schedule one_cycle --learning-rate 2e-3 --dropout .2

# Scans in folders, by way of their paths; three seeds.
tar -xzf "$data/images/kmnist_folder_png.tar.gz" -C "$work"
(cd "$work" && assay pair -q --from-folders kmnist_folder_png |
    assay split -q --label label --parts train=.8,test=.2 > kuzushiji.csv)
for seed in 1 2 3; do
    measure kuzushiji .88 "$work/kuzushiji.csv" test --label label \
        --root "$work" --net lenet --shape 28x28x1 --schedule one_cycle \
        --learning-rate 2e-3 --epochs 40 --stop-on none --shift 2 \
        --rotate 10 --seed $seed
done

fashion() {
    measure fashion "$1" "$work/fashion.csv" test --shape 28x28x1 --epochs 10 \
        --schedule one_cycle --learning-rate "$2" --net "$3"
}
fashion .88 1e-3 mlp
fashion .89 1e-3 lenet
fashion .915 3e-3 resnet
exit $worse
