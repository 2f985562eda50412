#!/bin/sh
# adapt.sh: a classifier was trained on one kind of rows and is to work on
# another: tries every remedy on target rows that are held out, and says which
# helped.
#
#   adapt.sh --source books.csv --target new.csv --label genre
#
# Writes remedy,error,low,high,difference,difference_low,difference_high,
# p_value,p_adjusted,n,note; the difference is to the source model on the same
# rows, below 0 is better.
set -eu

usage() {
    cat <<'EOF'
Usage: adapt.sh --source FILE --target FILE --label COLUMN [OPTION...]

  --source FILE     rows to learn from, a pipe, or - for standard input
  --target FILE     rows like those the classifier is for, some with a label
  --label COLUMN    what to learn
  --held-out X%     target rows that are scored, and used for nothing else (50%)
  --features A,B    learn from these columns only
  --exclude A,B     learn from all columns but these
  --type C=TYPE     what a column is
  --missing WORDS   what means an empty cell
  --net NAME        mlp (default); coral and tuning the last layer need it
  --seed N          seed of all that is random (1)
  --train 'OPTIONS' further options of assay train
  --keep DIR        keep models, predictions and messages there

The remedies; where nothing is said, the labels of target rows are not used:

  none              the source model as it is
  weights           source rows weighted to look like target rows
  label_shift       the source model, its probabilities corrected for other
                    shares of the classes
  coral             features aligned to those of target rows
  fine_tune         the source model, trained on with target rows and labels
  fine_tune_last    the same, only its last layer
  like_errors       more weight for source rows like the target rows that the
                    source model gets wrong; with their labels
  pooled            target rows and labels put to the source rows

What could not be tried is a line whose note says why.
EOF
}

me=adapt.sh
fail() { # MESSAGE [STATUS]
    echo "$me: $1" >&2
    exit "${2:-1}"
}

source='' target='' label='' held=50% features='' exclude='' type='' missing=''
net=mlp seed=1 more='' keep=''
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage; exit 0 ;;
    --*=*) name=${1%%=*} value=${1#*=} ;;
    --*)
        [ $# -ge 2 ] || fail "$1 needs a value" 2
        name=$1 value=$2
        shift ;;
    *) fail "what is '$1'? (see $me --help)" 2 ;;
    esac
    shift
    case $name in
    --source) source=$value ;;
    --target) target=$value ;;
    --label) label=$value ;;
    --held-out) held=$value ;;
    --features) features=$value ;;
    --exclude) exclude=$value ;;
    --type) type=$value ;;
    --missing) missing=$value ;;
    --net) net=$value ;;
    --seed) seed=$value ;;
    --train) more=$value ;;
    --keep) keep=$value ;;
    *) fail "unknown option '$name' (see $me --help)" 2 ;;
    esac
done
if [ -z "$source" ] || [ -z "$target" ] || [ -z "$label" ]; then
    usage >&2
    exit 2
fi
share=$(printf '%s\n' "$held" | awk '
    /^[0-9]*\.?[0-9]+%$/ && $0 + 0 > 0 && $0 + 0 < 100 { printf "%.6g", $0 / 100 }')
[ -n "$share" ] || fail "--held-out: '$held' is not a share like 50%" 2
rest=$(awk -v x="$share" 'BEGIN { printf "%.6g", 1 - x }')
command -v assay >/dev/null || fail "no assay on the PATH"
[ "$source" != - ] || [ "$target" != - ] ||
    fail "--source and --target: one of them can be standard input" 2
for file in "$source" "$target"; do
    [ "$file" = - ] || [ -r "$file" ] || fail "cannot read '$file'"
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What is no file can be read once only.
if [ ! -f "$source" ]; then
    cat -- "$source" >"$scratch/source.given"
    source=$scratch/source.given
fi
if [ ! -f "$target" ]; then
    cat -- "$target" >"$scratch/target.given"
    target=$scratch/target.given
fi

# ---- tables ----

# Records whose COLUMN is VALUE, or is among the lines of a FILE; a record may
# have quoted commas and newlines.
pick() { # COLUMN VALUE|@FILE <table
    awk -v column="$1" -v value="$2" '
        # cell[1..n] of a whole record
        function cut(record,    n, i, c, quoted) {
            if (record !~ /"/) {
                sub(/\r$/, "", record)
                return split(record, cell, ",")
            }
            n = 1
            cell[1] = ""
            for (i = 1; i <= length(record); i++) {
                c = substr(record, i, 1)
                if (c == "\"")
                    quoted = !quoted
                else if (c == "," && !quoted)
                    cell[++n] = ""
                else if (c != "\r")
                    cell[n] = cell[n] c
            }
            return n
        }
        BEGIN {
            if (value ~ /^@/)
                while ((getline line <substr(value, 2)) > 0)
                    wanted[line]
            else
                wanted[value]
        }
        {
            record = open ? record "\n" $0 : $0
            open = gsub(/"/, "\"", record) % 2
            if (open)
                next
            n = cut(record)
            if (!at) {
                sub(/^\357\273\277/, "", cell[1])
                for (i = 1; i <= n; i++)
                    if (cell[i] == column)
                        at = i
                print record
            } else if (at && cell[at] in wanted)
                print record
        }'
}

# The ids of predictions that are wrong; ids and classes may be quoted.
wrong_ids() {
    awk '
        function next_cell(    c, i, quoted) {
            for (i = 1; i <= length(left); i++) {
                c = substr(left, i, 1)
                if (c == "\"")
                    quoted = !quoted
                else if (c == "," && !quoted)
                    break
            }
            c = substr(left, 1, i - 1)
            left = substr(left, i + 1)
            gsub(/"/, "", c)
            return c
        }
        NR > 1 {
            left = $0
            id = next_cell()
            next_cell()
            label = next_cell()
            if (label != "" && label != next_cell())
                print id
        }'
}

# 1 more for the last cell of every record: no row is forgotten.
add_one() {
    awk '{
        open = (open + gsub(/"/, "\"")) % 2
        if (NR > 1 && !open && match($0, /,[-+.0-9eE]+\r?$/)) {
            last = substr($0, RSTART + 1)
            $0 = substr($0, 1, RSTART) sprintf("%.9g", last + 1)
        }
        print
    }'
}

# A column `id`, the number of the record.
number_rows() {
    awk '{
        inside = open
        open = (open + gsub(/"/, "\"")) % 2
        if ($0 == "" && !inside)
            next
        if (!open) {
            sub(/\r$/, "")
            $0 = $0 "," (n++ ? n - 1 : "id")
        }
        print
    }'
}

# The named column is there.
has_column() { # FILE COLUMN
    gzip -cdf -- "$1" | awk -v column="$2" '
        NR == 1 {
            sub(/^\357\273\277/, "")
            sub(/\r$/, "")
            n = split($0, cell, ",")
            for (i = 1; i <= n; i++) {
                gsub(/"/, "", cell[i])
                found = found || cell[i] == column
            }
            exit
        }
        END { exit !found }'
}

# ---- remedies ----

# The roles and columns, the same for every tool.
with_columns() { # TOOL [OPTION...]
    tool=$1
    shift
    [ -z "$missing" ] || set -- --missing "$missing" "$@"
    [ -z "$type" ] || set -- --type "$type" "$@"
    [ -z "$features" ] || set -- --features "$features" "$@"
    [ -z "$exclude" ] || set -- --exclude "$exclude" "$@"
    assay "$tool" -q --label "$label" --seed "$seed" "$@"
}

train() { # NAME [OPTION...] FILE...
    name=$1
    shift
    # shellcheck disable=SC2086 # --train is a list of options
    with_columns train --net "$net" -m "$scratch/$name.model" \
        -o "$scratch/$name.curve" "$@" $more
}

apply() { # MODEL FILE
    assay eval -q -m "$scratch/$1.model" --label "$label" --probs "$2"
}

learn() { # NAME [OPTION...] FILE...
    train "$@" &&
        apply "$1" "$scratch/held_out.csv" >"$scratch/$1.csv"
}

remedy_none() {
    learn none "$scratch/source.csv"
}

remedy_weights() {
    with_columns shift --weights -o "$scratch/weighted.csv" \
        "$scratch/source.csv" "$scratch/at_hand.csv" &&
        learn weights --weight sample_weight "$scratch/weighted.csv"
}

remedy_label_shift() {
    [ -n "$reference" ] || {
        echo "the source has no rows that are held out (split: val or test)" >&2
        return 1
    }
    assay eval -q -m "$scratch/none.model" --label "$label" --probs \
        --on "$reference" "$scratch/source.csv" >"$scratch/reference.csv" &&
        assay shift -q --label-shift --correct --seed "$seed" \
            -o "$scratch/label_shift.csv" \
            "$scratch/reference.csv" "$scratch/none.csv"
}

remedy_coral() {
    learn coral --adapt coral --target "$scratch/at_hand.csv" \
        "$scratch/source.csv"
}

remedy_fine_tune() {
    learn fine_tune --init-from "$scratch/none.model" "$scratch/at_hand.csv"
}

remedy_fine_tune_last() {
    [ "$net" = mlp ] || {
        echo "--net $net: mlp only" >&2
        return 1
    }
    learn fine_tune_last --init-from "$scratch/none.model" --freeze hidden \
        "$scratch/at_hand.csv"
}

remedy_like_errors() {
    apply none "$scratch/at_hand.csv" | wrong_ids >"$scratch/wrong"
    n=$(wc -l <"$scratch/wrong")
    [ "$n" -ge "$few" ] || {
        echo "the source model gets $n target rows wrong: too few to look like" >&2
        return 1
    }
    pick id "@$scratch/wrong" <"$scratch/at_hand.csv" >"$scratch/wrong.csv"
    with_columns shift --weights -o "$scratch/alike.csv" \
        "$scratch/source.csv" "$scratch/wrong.csv" &&
        add_one <"$scratch/alike.csv" >"$scratch/more.csv" &&
        learn like_errors --weight sample_weight "$scratch/more.csv"
}

remedy_pooled() {
    learn pooled "$scratch/source.csv" "$scratch/at_hand.csv"
}

# ---- the rows ----

few=10 # rows, from which on there is something to learn, or to score
remedies='none weights label_shift coral fine_tune fine_tune_last like_errors pooled'

# A line that says why there are no numbers.
cannot() { # REMEDY WHY
    printf '%s,,,,,,,,,,"%s"\n' "$1" "$(printf '%s\n' "$2" | sed 's/"/""/g')"
}

header() {
    echo 'remedy,error,low,high,difference,difference_low,difference_high,p_value,p_adjusted,n,note'
}

if has_column "$source" sample_weight; then
    fail "the source has a column 'sample_weight', the name that the remedies give to their own weights: rename it"
fi
if ! has_column "$target" "$label"; then
    header
    for remedy in $remedies; do
        cannot "$remedy" "the target has no column '$label': nothing can be scored"
    done
    exit 0
fi

# Where it is known what is for what it stays; else, or where all is to learn
# from, a tenth is the reference.
reference='' again=''
if has_column "$source" split; then
    again=--replace
    gzip -cdf -- "$source" >"$scratch/source.csv"
    for part in test trainval testval val; do
        [ "$(pick split $part <"$scratch/source.csv" | wc -l)" -le 1 ] ||
            reference=$part
    done
    to_learn=$(pick split train <"$scratch/source.csv" | awk 'END { print NR }')
    others=$(awk -v n="$to_learn" 'END { if (NR != n) print "yes" }' "$scratch/source.csv")
fi
if [ -n "$again" ] && [ -n "$others" ]; then
    if ! has_column "$source" id; then
        number_rows <"$scratch/source.csv" >"$scratch/numbered.csv"
        mv "$scratch/numbered.csv" "$scratch/source.csv"
    fi
else
    assay split -q --label "$label" --seed "$seed" $again \
        --parts train=.9,val=.1 -o "$scratch/source.csv" "$source"
    reference='val'
fi
again=''
if has_column "$target" split; then
    again=--replace
fi
assay split -q --label "$label" --seed "$seed" $again \
    --parts "train=$rest,test=$share" -o "$scratch/target.csv" "$target"
pick split train <"$scratch/target.csv" >"$scratch/at_hand.csv"
pick split test <"$scratch/target.csv" >"$scratch/held_out.csv"

# ---- trying them ----

# Labels that are there, in predictions.
count_labels() {
    assay eval --metrics --csv -q "$1" 2>/dev/null |
        awk -F, '$2 == "error" { n = $7 } END { print n + 0 }'
}

# What it says where it fails becomes the note.
attempt() { # REMEDY
    if "remedy_$1" 2>"$scratch/$1.err"; then
        return 0
    fi
    rm -f "$scratch/$1.csv"
    sed -n "\$!d;s/^assay [a-z]*: //;s|$scratch/at_hand.csv|target|
        s|$scratch/source.csv|source|;s|$scratch/||;p" "$scratch/$1.err" \
        >"$scratch/$1.why"
    [ -s "$scratch/$1.why" ] || echo "failed" >"$scratch/$1.why"
    return 1
}

attempt none || fail "the source model: $(cat "$scratch/none.why")"
header
apply none "$scratch/at_hand.csv" >"$scratch/at_hand.pred"
known=$(count_labels "$scratch/at_hand.pred")
scored=$(count_labels "$scratch/none.csv")
for remedy in ${remedies#none }; do
    case $remedy in
    fine_tune* | like_errors | pooled)
        if [ "$known" -lt "$few" ]; then
            echo "$known target rows with a label are not held out: too few to learn from" \
                >"$scratch/$remedy.why"
            continue
        fi ;;
    esac
    attempt "$remedy" || true
done

# ---- which helped ----

# The row of the error on the rows that were held out.
error_of() { # REMEDY
    assay eval --metrics --csv -q --on test "$scratch/$1.csv" |
        awk -F, '$2 == "error" { print $4 "," $5 "," $6 }'
}

tried=''
for remedy in ${remedies#none }; do
    [ ! -e "$scratch/$remedy.csv" ] || tried="$tried $remedy.csv"
done
if [ -n "$tried" ] && [ "$scored" -ge "$few" ]; then
    # shellcheck disable=SC2086 # names without blanks
    (cd "$scratch" && assay eval --compare --metric error --csv -q none.csv $tried) \
        >"$scratch/compared"
fi
for remedy in $remedies; do
    if [ -e "$scratch/$remedy.why" ]; then
        cannot "$remedy" "$(cat "$scratch/$remedy.why")"
    elif [ "$scored" -lt "$few" ]; then
        cannot "$remedy" "$scored of the held-out rows have a label: too few to score"
    elif [ "$remedy" = none ]; then
        echo "none,$(error_of none),,,,,,$scored,"
    else
        difference=$(awk -F, -v name="$remedy.csv" '
            $9 != "mcnemar_exact" && $NF == name {
                print $4 "," $5 "," $6 "," $7 "," $8 "," $12
            }' "$scratch/compared")
        echo "$remedy,$(error_of "$remedy"),$difference,"
    fi
done
if [ -n "$keep" ]; then
    mkdir -p "$keep"
    for remedy in $remedies; do
        for file in "$remedy.model" "$remedy.csv" "$remedy.err"; do
            [ ! -s "$scratch/$file" ] || cp "$scratch/$file" "$keep/"
        done
    done
fi
