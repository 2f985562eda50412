#!/bin/sh
# debug.sh: from a table with labels to where the classifier's error comes
# from, which rows are confused, and what to try next.
#
#   debug.sh --label genre books.csv.gz OUTDIR
#
# Every stream between the steps is kept as a file in OUTDIR.
set -eu

usage() {
    cat <<'EOF'
Usage: debug.sh --label COLUMN [OPTION...] DATA OUTDIR

  --label COLUMN    what to learn
  --features A,B    learn from these columns only
  --exclude A,B     learn from all columns but these
  --goal X          the error that could be reached (a person's, say)
  --keep A,B        columns to show beside the rows that are wrong
  --net NAME        mlp (default) or linear
  --seed N          seed of all that is random (1)
  --train 'OPTIONS' further options of assay train for the network

Writes to OUTDIR: split.csv, columns.csv, model, curve.csv, pred.csv,
baselines.csv, metrics.csv, sources.csv, pairs.csv, classes.csv, top.csv.
EOF
}

fail() {
    echo "debug.sh: $1" >&2
    exit "${2:-1}"
}

label='' features='' exclude='' goal='' keep='' net=mlp seed=1 more=''
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage; exit 0 ;;
    --label | --features | --exclude | --goal | --keep | --net | --seed | --train)
        [ $# -ge 2 ] || fail "$1 needs a value" 2
        case $1 in
        --label) label=$2 ;;
        --features) features=$2 ;;
        --exclude) exclude=$2 ;;
        --goal) goal=$2 ;;
        --keep) keep=$2 ;;
        --net) net=$2 ;;
        --seed) seed=$2 ;;
        --train) more=$2 ;;
        esac
        shift 2 ;;
    --) shift; break ;;
    -*) fail "unknown option '$1' (see debug.sh --help)" 2 ;;
    *) break ;;
    esac
done
if [ $# -ne 2 ] || [ -z "$label" ]; then
    usage >&2
    exit 2
fi
data=$1
out=$2
command -v assay >/dev/null || fail "no assay on the PATH"
mkdir -p "$out"

say() {
    if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
        printf '\n\033[1m%s\033[0m\n' "$*"
    else
        printf '\n%s\n' "$*"
    fi
}

# The roles and columns, the same for every training run; $@ is the rest.
train() {
    set -- --label "$label" --seed "$seed" "$@"
    [ -z "$features" ] || set -- --features "$features" "$@"
    [ -z "$exclude" ] || set -- --exclude "$exclude" "$@"
    assay train "$@" "$out/split.csv"
}

say "1. Split: train, val and test, with equal shares of every class"
if [ "$(gzip -cdf -- "$data" 2>/dev/null | head -n 1 | sed 's/^\xef\xbb\xbf//' | tr -d '\r"' | tr ',' '\n' | grep -cx split)" -gt 0 ]; then
    echo "the data has a column 'split' already: it is used as it is"
    gzip -cdf -- "$data" > "$out/split.csv"
else
    assay split --label "$label" --seed "$seed" -o "$out/split.csv" "$data"
fi

say "2. Columns: what the network will see"
train --explain --csv -o "$out/columns.csv" -q
train --explain --view

say "3. Train: $net, and two yardsticks"
set --
[ -z "$keep" ] || set -- --keep "$keep"
# shellcheck disable=SC2086 # --train is a list of options
train --net "$net" -m "$out/model" --predict --probs --curve "$out/curve.csv" \
    -o "$out/pred.csv" "$@" $more
rm -f "$out/baselines.csv"
score() {
    assay eval --metrics --csv -q --stamp "net=$1" \
        --append "$out/baselines.csv" -o /dev/null
}
for yardstick in majority linear; do
    train --net "$yardstick" -q --predict --probs | score "$yardstick"
done
score "$net" < "$out/pred.csv"
awk -F, 'BEGIN { print "  error on rows held out:" }
    NR > 1 && $2 == "error" && ($1 == "val" || $1 == "test") {
        printf "  %-10s %-5s %5.1f %%  (%.1f - %.1f)\n",
            $NF, $1, 100 * $4, 100 * $5, 100 * $6 }' "$out/baselines.csv"

say "4. Scores"
assay eval --metrics --csv -q -o "$out/metrics.csv" "$out/pred.csv"
assay eval --metrics --view -q "$out/pred.csv"

say "5. What is confused (rows not trained on)"
assay confuse --csv -q -o "$out/pairs.csv" "$out/pred.csv"
assay confuse --csv -q --by-class -o "$out/classes.csv" "$out/pred.csv"
assay confuse --csv -q --top-losses 50 -o "$out/top.csv" "$out/pred.csv"
assay confuse --view --matrix "$out/pred.csv"
assay confuse --view -q "$out/pred.csv"

say "6. The rows it is most wrong about"
assay confuse --view -q --top-losses 10 "$out/pred.csv"

say "7. Where the error comes from, and what to try next"
set -- -m "$out/model"
[ -z "$goal" ] || set -- "$@" --goal "$goal"
assay decompose --csv "$@" -o "$out/sources.csv" "$out/pred.csv"
assay decompose --view "$@" "$out/pred.csv"

case $out in
*[!A-Za-z0-9_./-]*) shown="'$out'" ;;
*) shown=$out ;;
esac
say "All streams are in $out; the model is $out/model.  Next:"
cat <<EOF
  assay eval -m $shown/model ${keep:+--keep $keep }NEW.csv     decide new rows
  assay eval --coverage --goal 0.05 $shown/pred.csv     which can be left alone
  assay confuse --top-losses 50 $shown/pred.csv         look at what is wrong
  assay confuse --slices auto $shown/pred.csv           where it is wrong most
  assay confuse --calibration $shown/pred.csv           may it be believed?
EOF
