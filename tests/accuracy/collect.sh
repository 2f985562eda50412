#!/bin/sh
# Does labelling the rows that `shift --collect` names help more than labelling
# as many at random?  A model is trained in an old world and meets a new one;
# N rows of the new one are labelled, and it is trained again with them.  A row
# of CSV for each world and way of choosing: the mean error on 8,000 held-out
# rows of the new world over the seeds, by how much it differs from that of
# random with the standard error of this, and in how many seeds it was lower.
#
#     collect.sh FOLDER [WORLD...]      FOLDER with the data
#
# Worlds, each with 1,000 old rows to learn from and 4,000 to choose from:
#
#     adult        no married man among the old rows
#     adult_mixed  the same, three rows in four to choose from being old ones
#     tate         acquired before 1985; from 1990 on (titles, artists, credit
#                  lines, 7 classes)
#     synth        rows of synth tabular, and the same with --shift covariate
#
# Ways: none (no row is labelled), random, unsure (the N rows with the least
# prob), collect, all (every row is).  N=200 and SEEDS=10 in the environment
# change these.  Minutes on two cores.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1
shift
[ $# -gt 0 ] || set -- adult adult_mixed tate synth
assay=${ASSAY_BIN:-$here/../../.build/bin}/assay
n=${N:-200}
seeds=${SEEDS:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

# Data with a first column `world`: old, new, or - for neither.
adult() {
    gzip -dc "$data/adult.csv.gz" | cut -d, -f2- | awk '
        BEGIN { srand(7) }
        NR == 1 { print "world," $0; next }
        {
            married = /,Married-civ-spouse,/ && /,Male,/
            print (married || rand() < .5 ? "new" : "old") "," $0
        }'
}

# The third column is the year of acquisition, and no cell has a line break.
tate() {
    gzip -dc "$data/tate_noturner.csv.gz" | awk -F, '
        NR == 1 { sub(/^id,/, "number,"); print "world," $0; next }
        { print ($3 < 1985 ? "old" : $3 >= 1990 ? "new" : "-") "," $0 }'
}

synth() {
    "$assay" synth -q --rows 3000 tabular | awk '
        { print (NR == 1 ? "world," : "old,") $0 }'
    "$assay" synth -q --rows 13000 --shift covariate \
        --shift-by 2 --seed 2 tabular | awk 'NR > 1 { print "new," $0 }'
}

# $1: how many of the rows to choose from are old.  Parts of the rows, in an
# order that $2 decides; standard input has a column `world`, first.
part() {
    awk -v seed="$2" 'BEGIN { srand(seed) }
        NR == 1 { print "0\tid,split," $0; next }
        { printf "%.9f\t%d,%s\n", 1 + rand(), NR - 1, $0 }' | sort |
        awk -F '\t' -v old="$1" '
        NR == 1 { print $2; next }
        {
            split($2, cell, ",")
            at = ++n[cell[2]]
            part = ""
            if (cell[2] == "old")
                part = at <= 1000   ? "train" : at <= 2000 ? "trainval" : \
                       at <= 2000 + old ? "pool" : ""
            if (cell[2] == "new")
                part = at <= 1000           ? "testval" : \
                       at <= 9000           ? "test" : \
                       at <= 13000 - old    ? "pool" : ""
            comma = index($2, ",")
            if (part != "")
                print substr($2, 1, comma) part substr($2, comma)
        }'
}

# $1: a file of rows whose first cell is an id: N of them.
random() {
    awk -F, -v seed="$2" 'BEGIN { srand(seed + 1000) }
        { printf "%.9f\t%s\n", rand(), $1 }' "$1" | sort | head -n "$n" |
        cut -f2
}

# Labels and predictions may have commas, but are the only quoted cells so far.
unsure() {
    sed 's/"[^"]*"/x/g' "$1" | sort -t, -k5,5g | head -n "$n" | cut -d, -f1
}

choose() {
    case $1 in
    none) ;;
    random) random "$work/pool.csv" "$2" ;;
    unsure) unsure "$work/pool.csv" ;;
    collect)
        "$assay" shift -q --errors --collect "$n" --seed "$2" \
            "$work/pred.csv" | awk 'NR > 1' | cut -d, -f1
        ;;
    all) cut -d, -f1 "$work/pool.csv" ;;
    esac
}

# Trains with the options of the world, from standard input.
fit() {
    "$assay" train -q --seed "$seed" --stop-on none --epochs 20 \
        -m "$work/model" "$@" "$work/now.csv" > "$work/curve.csv"
}

# Predictions of all rows; those to choose from have no label.
predict() {
    "$assay" eval -q --seed "$seed" --probs --keep "$keep" -m "$work/model" \
        "$work/now.csv" |
        sed -E 's/^([0-9]+,pool,)("[^"]*"|[^,]*),/\1,/' > "$work/pred.csv"
    grep -E '^[0-9]+,pool,' "$work/pred.csv" > "$work/pool.csv"
}

error_of_test() {
    "$assay" eval -q --on test -m "$work/model" "$work/now.csv" |
        "$assay" eval -q --metrics | awk -F, '$2 == "error" { print $4 }'
}

# $1: the world; $2: how many rows to choose from are old; then train's options.
try() {
    world=$1
    old=$2
    shift 2
    for seed in $(seq "$seeds"); do
        part "$old" "$seed" < "$work/world.csv" > "$work/data.csv"
        cp "$work/data.csv" "$work/now.csv"
        fit "$@"
        predict
        for way in none random unsure collect all; do
            choose "$way" "$seed" > "$work/ids"
            awk -F, -v ids="$work/ids" '
                BEGIN { while ((getline id < ids) > 0) chosen[id] }
                $1 in chosen { sub(/,pool,/, ",train,") }
                { print }' "$work/data.csv" > "$work/now.csv"
            [ "$way" = none ] || fit "$@"
            echo "$way $seed $(error_of_test)"
        done
    done | awk -v world="$world" -v n="$n" '
        NF < 3 { exit failed = 1 }
        { error[$1, $2] = $3; sum[$1] += $3; seen[$2] }
        END {
            if (failed || !NR)
                exit 1
            for (seed in seen)
                seeds++
            split("none random unsure collect all", ways, " ")
            for (w = 1; w <= 5; w++) {
                d = s = lower = 0
                for (seed in seen) {
                    x = error[ways[w], seed] - error["random", seed]
                    d += x / seeds
                    s += x * x
                    lower += x < 0
                }
                se = seeds > 1 ? sqrt((s - seeds * d * d) / (seeds - 1) / \
                                      seeds) : 0
                printf "%s,%s,%d,%d,%.4f,%.4f,%.4f,%d\n", world, ways[w], n,
                    seeds, sum[ways[w]] / seeds, d, se, lower
            }
        }'
}

echo world,way,rows,seeds,error,difference,standard_error,lower
for world; do
    case $world in
    adult | adult_mixed)
        keep=age,workclass,education,marital_status,occupation,relationship
        keep=$keep,race,sex,hours_per_week
        adult > "$work/world.csv"
        try "$world" "$([ "$world" = adult ] && echo 0 || echo 3000)" \
            --label income --exclude world,fnlwgt \
            --learning-rate .002
        ;;
    tate)
        keep=title,artist,credit_line
        tate > "$work/world.csv"
        try tate 0 --label classification \
            --features title,artist,credit_line --learning-rate .002
        ;;
    synth)
        synth > "$work/world.csv"
        keep=$(head -n 1 "$work/world.csv" | tr , '\n' |
            grep -vE '^(world|label|id|split)$' | paste -sd, -)
        try synth 0 --label label --exclude world --learning-rate .002
        ;;
    *)
        echo "collect.sh: no such world: '$world'" >&2
        exit 2
        ;;
    esac
done
