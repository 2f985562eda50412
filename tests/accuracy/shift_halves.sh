#!/bin/sh
# shift_halves.sh FOLDER [RUNS]: random halves of tables raise nothing, biased
# halves do.  FOLDER holds adult.csv.gz and noaa_weather.csv.gz, whose rows are
# in the order of time.
#
# Writes data,halves,runs,fail,warn: how many verdicts were so.
set -eu
data=$1 runs=${2:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# halves NAME SEED BIAS: a and b; BIAS is an awk expression, the odds of b.
halves() {
    gzip -dc "$data/$1.csv.gz" | awk -F, -v seed="$2" -v a="$work/a.csv" \
        -v b="$work/b.csv" '
        BEGIN { srand(seed) }
        NR == 1 {
            for (i = 1; i <= NF; i++)
                at[$i] = i
            print >a; print >b
            next
        }
        { print >(rand() < '"$3"' ? b : a) }'
}

# count NAME LABEL HALVES BIAS
count() {
    fail=0 warn=0 seed=0
    while [ "$seed" -lt "$runs" ]; do
        seed=$((seed + 1))
        halves "$1" "$seed" "$4"
        # the published parts of adult are random, too
        verdict=$(assay shift -q --csv --seed "$seed" --label "$2" \
            "$work/a.csv" "$work/b.csv" |
            awk -F, '$1 == "verdict" { print $3 }')
        case $verdict in
        fail) fail=$((fail + 1)) ;;
        warn) warn=$((warn + 1)) ;;
        esac
    done
    echo "$1,$3,$runs,$fail,$warn"
}

# shellcheck disable=SC2016 # awk has dollars of its own
by_sex='($at["sex"] == "Male" ? .6 : .4)'
echo data,halves,runs,fail,warn
count adult income random .5
count adult income "by sex" "$by_sex"
count noaa_weather rain random .5
count noaa_weather rain "by year" '(NR > 9000 ? .6 : .4)'
