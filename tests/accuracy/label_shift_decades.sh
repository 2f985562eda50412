#!/bin/sh
# Do weights found without labels lower the error where the mix of classes has
# changed by itself?  A model of what kind of work a museum acquired (painting,
# print, sculpture …), trained on its first decades, is applied to every later
# one, as it is and corrected by assay shift --label-shift --correct.  The
# labels of later decades serve to count errors only.
#
#     label_shift_decades.sh TATE [METHOD...]    tate_noturner.csv[.gz]
#
# METHOD: as in shift --method, or auto (its own choice); default auto, em.  A
# row of CSV a decade and method: rows; p of "the mix of predicted classes is
# the same"; p of "classes look as they did" below .01, if so; total variation
# between the reference's shares of classes and the decade's true ones, and
# between the estimated and the true ones; error before and after, difference
# with its 95 % interval and McNemar's p (eval --compare); estimated weights.
# At the end, on standard error, in how many decades the error fell; exits 1
# where that is half of them or fewer for the first METHOD.
#
# In the environment: FROM=1930, the first year that is not trained on (before
# it every common class has 100 rows); FEATURES=title,… (default: all columns
# but id, accession and year of acquisition); SEED=1.
#
# Measured, decades in which the error was lower and higher:
#
#     features, from        auto    bbse-hard
#     all, 1930 (9)         6, 2    6, 2      -.20 to +.012
#     all, 1970 (5)         5, 0    5, 0      -.09 to -.013
#     all, 1980 (4)         1, 2    2, 2      -.02 to +.004
#     title, 1980 (4)       3, 1    0, 4      auto: -.12 to +.011
#     title, 1930 (9)       3, 6    0, 9      auto: -.08 to +.23
#
# Titles alone, of 1820 to 1929, hardly tell the classes apart (error .3, later
# .5 to .9) and change themselves: no weights can help there, and in seven of
# the nine decades the notes say that classes do not look as they did.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1
shift
[ $# -gt 0 ] || set -- auto em
assay=${ASSAY_BIN:-$here/../../.build/bin}/assay
from=${FROM:-1930}
seed=${SEED:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The third column is the year of acquisition, and no cell before it is quoted.
case $data in
*.gz) gzip -dc "$data" ;;
*) cat "$data" ;;
esac | awk -F, -v from="$from" -v to="$work/" '
    NR == 1 { header = $0; next }
    {
        name = $3 < from ? "early" : int($3 / 10) * 10
        if (!(name in seen)) {
            seen[name] = 1
            print header >(to name ".csv")
        }
        print >(to name ".csv")
    }'

# Two early rows in five are kept from training, for the reference.
if [ "${FEATURES:-}" ]; then
    set -- --features "$FEATURES" -- "$@"
else
    set -- --missing mm --exclude id,accession,acquisition_year -- "$@"
fi
options=
while [ "$1" != -- ]; do
    options="$options $1"
    shift
done
shift
"$assay" split -q --seed "$seed" --label classification \
    --parts train=.5,val=.1,test=.4 "$work/early.csv" > "$work/early.split.csv"
# shellcheck disable=SC2086 # words
"$assay" train -q --seed "$seed" --label classification $options \
    -m "$work/model" "$work/early.split.csv" > "$work/curve.csv"
"$assay" eval -q -m "$work/model" --probs --bad missing --on val,test \
    "$work/early.split.csv" > "$work/reference.csv"

# class,share of the labels, and rows.
true_shares() {
    "$assay" confuse -q --csv --by-class "$1" | awk -F, 'NR > 1 {
        class = $0
        sub(/,[^"]*$/, "", class)
        split(substr($0, length(class) + 2), cell, ",")
        share[class] = cell[1]
        all += cell[1]
    }
    END { for (class in share) print class "\t" share[class] / all "\t" all }'
}

# $1: decade, $2: method
judge() {
    how=
    [ "$2" = auto ] || how="--method $2"
    # shellcheck disable=SC2086 # two words or none
    "$assay" shift -q --csv --label-shift $how "$work/reference.csv" \
        "$work/now.csv" > "$work/weights.csv"
    # shellcheck disable=SC2086
    "$assay" shift --label-shift --correct $how "$work/reference.csv" \
        "$work/now.csv" > "$work/corrected.csv" 2> "$work/notes"
    "$assay" eval -q --csv --compare "$work/now.csv" "$work/corrected.csv" \
        > "$work/compare.csv"
    awk -F, -v decade="$1" -v asked="$2" \
        -v mix="$(sed -n 's/.*homogeneity: p = \([0-9.e+-]*\).*/\1/p' "$work/notes")" \
        -v misfit="$(sed -n 's/.*explains.*(p = \([0-9.e+-]*\).*/\1/p' "$work/notes")" '
        function abs(x) { return x < 0 ? -x : x }
        FILENAME ~ /shares$/ {
            split($0, part, "\t")
            share[part[1]] = part[2]
            rows = part[3]
            next
        }
        FILENAME ~ /weights/ && FNR > 1 {
            class = $0
            sub(/,[^"]*$/, "", class)
            weights = weights sprintf("%s%.2f", weights ? " " : "", $(NF - 3))
            before += abs(share[class] - $(NF - 7)) / 2
            after += abs(share[class] - $(NF - 6)) / 2
            seen[class] = 1
            method = $NF
        }
        FILENAME ~ /compare/ && $1 == "error" && $9 == "mcnemar_mid_p" {
            for (class in share)
                if (!(class in seen)) {
                    before += share[class] / 2
                    after += share[class] / 2
                }
            printf "%s,%s,%s,%d,%s,%s,%.3f,%.3f,%.4f,%.4f,%.4f,%.4f,%.4f,%.3g,%s\n",
                decade, asked, method, rows, mix, misfit, before, after, $2,
                $3, $4, $5, $6, $7, weights
        }' "$work/shares" "$work/weights.csv" "$work/compare.csv"
}

echo decade,asked,method,rows,p_mix,p_misfit,distance,distance_left,error,error_corrected,difference,low,high,p_value,weights
for file in "$work"/[0-9]*.csv; do
    "$assay" eval -q -m "$work/model" --probs --bad missing "$file" \
        > "$work/now.csv"
    true_shares "$work/now.csv" > "$work/shares"
    for method; do
        judge "$(basename "$file" .csv)" "$method"
    done
done | tee "$work/table"
awk -F, -v first="$1" '
    { n[$2]++; fell[$2] += $11 < 0; rose[$2] += $11 > 0 }
    END {
        for (m in n)
            printf "%s: lower in %d of %d decades, higher in %d\n", m, fell[m],
                n[m], rose[m]
        exit fell[first] * 2 <= n[first]
    }' "$work/table" >&2
