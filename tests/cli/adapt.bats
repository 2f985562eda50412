# train --adapt, and pipelines/adapt.sh: a classifier for other rows than those
# it is trained on.
load model_helpers

setup_file() {
    start_file
    export ROOT
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)
    clouds 400 1 >source.csv
    clouds 400 2 turned >target.csv
    clouds 400 3 >same.csv
    export SOURCE=$BATS_FILE_TMPDIR/source.csv
    export TARGET=$BATS_FILE_TMPDIR/target.csv SAME=$BATS_FILE_TMPDIR/same.csv
}

# clouds N SEED [turned]: four numbers, three classes; turned by 40 degrees,
# the first two and the last two of them.
clouds() {
    awk -v n="$1" -v seed="$2" -v turned="$3" '
        function normal() {
            return sqrt(-2 * log(1 - rand())) * cos(6.283185307 * rand())
        }
        BEGIN {
            srand(seed)
            split("2 0 0 0 -1 2 0 1 0 -1 2 -1", centre, " ")
            print "x1,x2,x3,x4,label"
            c = turned ? cos(.7) : 1
            s = turned ? sin(.7) : 0
            for (i = 0; i < n; i++) {
                k = i % 3
                for (j = 1; j <= 4; j++)
                    x[j] = centre[4 * k + j] + (j % 2 ? 1 : .4) * normal()
                printf "%.4f,%.4f,%.4f,%.4f,c%d\n", c * x[1] - s * x[2],
                    s * x[1] + c * x[2], c * x[3] - s * x[4],
                    s * x[3] + c * x[4], k
            }
        }'
}

# fit NAME OPTION...: NAME.model and NAME.curve.
fit() {
    local name=$1

    shift
    try assay train --learning-rate .003 --epochs 12 -q -m "$name.model" \
        -o "$name.curve" "$@"
}

# error_of MODEL FILE
error_of() {
    assay eval -q -m "$1" "$2" | assay eval --metrics --csv -q - >scores
    cell scores value metric=error
}

# less CASE A B: A is less than B.
less() {
    awk -v a="$2" -v b="$3" 'BEGIN { exit !(a != "" && a + 0 < b + 0) }' ||
        fail "$1: '$2' is not less than '$3'"
}

refused() { # CASE STATUS MESSAGE OPTION...
    local name=$1 wanted=$2 message=$3

    shift 3
    try assay train -q --epochs 2 "$@"
    expect "$name" "$wanted" "assay train: $message"
    expect_empty "$name" out
}

# ---- train --adapt ----

@test "--adapt coral: turned features, and none that are" {
    fit none "$SOURCE"
    expect none 0
    fit coral --adapt coral --target "$TARGET" "$SOURCE"
    expect coral 0 ""
    less "turned" "$(error_of coral.model "$TARGET")" \
        "$(awk -v e="$(error_of none.model "$TARGET")" 'BEGIN { print e - .03 }')"
    fit same --adapt coral --target "$SAME" "$SOURCE"
    less "not turned" "$(error_of same.model "$SAME")" \
        "$(awk -v e="$(error_of none.model "$SAME")" 'BEGIN { print e + .015 }')"
    grep -qa 'adapt\\":{\\"method\\":\\"coral\\",\\"rows\\":400,\\"weight\\":3.0}' \
        coral.model || fail "the model does not say so"
    if grep -qa '"adapt' none.model; then fail "but it was not"; fi
}

@test "--adapt: the same bytes at any thread count, in mlp of several layers" {
    for threads in 1 3; do
        fit "n$threads" -j "$threads" --hidden 300,200 --epochs 2 --dropout .1 \
            --norm layer --adapt coral --target "$TARGET" "$SOURCE"
        expect "$threads" 0 ""
        expect_file "$threads" n1.model "n$threads.model"
        expect_file "$threads" n1.curve "n$threads.curve"
    done
}

@test "--adapt: labels, split and weights of the target are not looked at" {
    fit with --adapt coral --target "$TARGET" "$SOURCE"
    cut -d, -f1-4 "$TARGET" >bare.csv
    awk -F, 'NR == 1 { print "split,w,x4,x3,x2,x1,label"; next }
        { print "train,-1," $4 "," $3 "," $2 "," $1 "," }' "$TARGET" >empty.csv
    for target in bare empty; do
        fit $target --adapt coral --target $target.csv "$SOURCE"
        expect $target 0 ""
        expect_file $target with.model $target.model
    done
    gzip bare.csv
    fit zip --adapt coral --target - "$SOURCE" <bare.csv.gz
    expect_file "standard input" with.model zip.model
}

@test "--adapt: text, categories that training lacks, missing numbers" {
    mixed 240 >mixed.csv
    sed '2,90s/,r,/,new,/;2,40s/^[^,]*//;s/house/palace/' mixed.csv >other.csv
    for threads in 1 2; do
        fit "m$threads" -j $threads --adapt coral --target other.csv mixed.csv
        expect "$threads" 0 ""
    done
    expect_file threads m1.model m2.model
    fit none mixed.csv
    expect_other "it matters" none.model m1.model
    fit light --adapt coral --target other.csv --adapt-weight .1 mixed.csv
    expect_other "the weight matters" light.model m1.model
}

@test "--adapt: rows of weight 0 do not count in the covariances either" {
    awk -F, 'NR == 1 { print $0 ",w"; next } { print $0 ",1" }' "$SOURCE" >ones.csv
    { cat ones.csv; awk -F, 'NR > 1 && NR < 33 {
        print 9 * $1 "," 9 * $3 "," $2 ",0," $5 ",0" }' "$SOURCE"; } >more.csv
    # a batch of everything, so that the others are the same in every step
    fit ones --weight w --batch 1000 --stop-on none --epochs 3 --adapt coral \
        --target "$TARGET" ones.csv
    expect ones 0
    fit plain --batch 1000 --stop-on none --epochs 3 --adapt coral \
        --target "$TARGET" "$SOURCE"
    expect_text "ones are none" "$(cut -d, -f1-4 plain.curve)" \
        "$(cut -d, -f1-4 ones.curve)"
    fit more --weight w --batch 1000 --stop-on none --epochs 3 --adapt coral \
        --target "$TARGET" more.csv
    expect more 0
}

@test "--adapt: checkpoints go on, and only the same training" {
    adapt() { try assay train -q "$@" --epochs 6 --adapt coral "$SOURCE"; }
    adapt --target "$TARGET" -m whole -o whole.curve
    adapt --target "$TARGET" --checkpoint state --every 1 --time-limit .001 \
        -m part -o part.curve
    expect part 0
    [ -e state ] || fail "no state"
    try assay train -q --epochs 6 --checkpoint state "$SOURCE"
    expect "without" 1 "assay train: state: the checkpoint was made with --adapt coral (remove it to begin anew)"
    adapt --target "$SAME" --checkpoint state
    expect "another target" 1 "assay train: state: the checkpoint was made of other target rows (remove it to begin anew)"
    adapt --target "$TARGET" --adapt-weight 1 --checkpoint state
    expect "another weight" 1 "assay train: state: the checkpoint was made with --adapt-weight 3, not 1 (remove it to begin anew)"
    adapt --target "$TARGET" --checkpoint state -m part -o part.curve
    expect "on" 0
    expect_file "on" whole part
    expect_file "on" whole.curve part.curve
}

@test "--adapt: folds, replicas, sizes, --lr-range, --explain, --init-from" {
    local adapt=(--adapt coral --target "$TARGET" --epochs 2)

    try assay train -q --folds 2 --predict "${adapt[@]}" "$SOURCE"
    expect folds 0 ""
    expect_text folds 401 "$(wc -l <out)"
    mv out folds
    try assay train -q -j 2 --folds 2 --predict "${adapt[@]}" "$SOURCE"
    expect_file "two threads" folds out
    try assay train -q --replicas 2 --train-sizes 50% "${adapt[@]}" "$SOURCE"
    expect replicas 0 ""
    try assay train -q --lr-range "${adapt[@]}" "$SOURCE"
    expect range 0
    try assay train --explain "${adapt[@]}" "$SOURCE"
    expect explain 0
    grep -qx "assay train: aligned to 400 rows of '$TARGET'" err || fail "no note"
    fit first "$SOURCE"
    fit last --init-from first.model --freeze hidden.0.weight "${adapt[@]}" "$SOURCE"
    expect freeze 0 ""
    refused "all frozen" 2 "--adapt: --freeze leaves no hidden layer to align" \
        --init-from first.model --freeze hidden "${adapt[@]}" "$SOURCE"
}

@test "--adapt: what does not go" {
    local adapt=(--adapt coral --target "$TARGET")

    refused alone 2 "--adapt needs --target" --adapt coral "$SOURCE"
    refused alone 2 "--target needs --adapt" --target "$TARGET" "$SOURCE"
    refused alone 2 "--adapt-weight needs --adapt" --adapt-weight 2 "$SOURCE"
    refused method 2 "--adapt: 'mmd' is not coral" --adapt mmd "$SOURCE"
    refused weight 2 "--adapt-weight: '0' is not a number from 1e-06 to 1000000" \
        --adapt-weight 0 "${adapt[@]}" "$SOURCE"
    for net in majority linear; do
        refused $net 2 "--adapt: --net $net is not adapted (mlp is)" \
            --net $net "${adapt[@]}" "$SOURCE"
    done
    names 40 >names.csv
    refused lstm 2 "--adapt: --net lstm is not adapted (mlp is)" \
        --net lstm --adapt coral --target names.csv names.csv
    refused mixup 2 "--mixup: mixed rows have other covariances than those that --adapt aligns" \
        --mixup .2 "${adapt[@]}" "$SOURCE"
    refused stream 2 "--target: standard input is the data" \
        --adapt coral --target - <"$SOURCE"
    refused none 1 "none.csv: cannot open: No such file or directory" \
        --adapt coral --target none.csv "$SOURCE"
    cut -d, -f1,2,4 "$TARGET" >short.csv
    refused short 1 "short.csv: no column 'x3' (there are: x1, x2, x4)" \
        --adapt coral --target short.csv "$SOURCE"
    sed '7s/^[^,]*/much/' "$TARGET" >bad.csv
    refused bad 1 "bad.csv:7: column 'x1' (field 1): not a number: 'much'" \
        --adapt coral --target bad.csv "$SOURCE"
    head -n 2 "$TARGET" >one.csv
    refused one 1 "one.csv: a single row has no covariance to align to (--target)" \
        --adapt coral --target one.csv "$SOURCE"
}

# ---- pipelines/adapt.sh ----

# A stand-in for assay shift: rows of equal weight, predictions as they are.
with_shift() {
    mkdir -p bin
    cat >bin/assay <<EOT
#!/bin/sh
if [ "\$1" != shift ]; then
    exec $(command -v assay) "\$@"
fi
shift
echo "\$*" >>'$PWD/asked'
while [ \$# -gt 2 ]; do
    case \$1 in -o) out=\$2 ;; --weights) mode=weights ;; esac
    shift
done
if [ "\$mode" = weights ]; then
    sed '1s/\$/,sample_weight/;1!s/\$/,0.5/' "\$1" >"\$out"
else
    cat "\$2" >"\$out"
fi
EOT
    chmod +x bin/assay
    PATH=$PWD/bin:$PATH
}

HEADER=remedy,error,low,high,difference,difference_low,difference_high,p_value,p_adjusted,n,note
REMEDIES="none weights label_shift coral fine_tune fine_tune_last like_errors pooled"

adapt_sh() {
    try sh "$ROOT/pipelines/adapt.sh" --label label \
        --train '--learning-rate .003 --epochs 10' "$@"
}

@test "adapt.sh: every remedy, on rows that none has seen" {
    with_shift
    export TMPDIR=$PWD/scratch
    mkdir scratch
    adapt_sh --source "$SOURCE" --target "$TARGET" --keep kept --seed 4
    expect adapt 0 ""
    expect_text header "$HEADER" "$(head -n 1 out)"
    expect_text remedies "$REMEDIES" "$(column_of out remedy | xargs)"
    expect_text n 200 "$(column_of out n | sort -u)"
    expect_empty "scratch" <(ls scratch)
    # labels of the target help most here
    less "fine_tune" "$(cell out difference_high remedy=fine_tune)" 0
    less "coral" "$(cell out difference remedy=coral)" 0
    near "the same predictions" 0 "$(cell out difference remedy=label_shift)"
    for model in fine_tune pooled coral; do
        [ -s kept/$model.model ] || fail "no $model.model"
        expect_text "$model: rows" 201 "$(wc -l <kept/$model.csv)"
    done
    # what was scored is what nobody trained on
    assay split -q --label label --seed 4 --parts train=.5,test=.5 "$TARGET" >all.csv
    for model in fine_tune pooled; do
        try assay eval -m kept/$model.model --on test all.csv
        if grep 'trained on' err; then fail "$model has seen them"; fi
        sed 's/,train$/,val/' all.csv >others.csv
        try assay eval -m kept/$model.model --on val others.csv
        grep -q 'trained on' err || fail "$model has not seen the others"
    done
    expect_text "what shift is asked" "--label label --seed 4" \
        "$(grep -m 1 -o -e '--label label --seed 4' asked)"
}

@test "adapt.sh: what cannot be tried is a line that says so" {
    with_shift
    cut -d, -f1-4 "$TARGET" >bare.csv
    adapt_sh --source "$SOURCE" --target bare.csv --train '--epochs 2'
    expect bare 0 ""
    expect_text bare "the target has no column 'label': nothing can be scored" \
        "$(column_of out note | tr -d '"' | sort -u)"
    head -n 13 "$TARGET" >few.csv
    adapt_sh --source "$SOURCE" --target few.csv --train '--epochs 2'
    expect few 0 ""
    expect_text few "$REMEDIES" "$(column_of out remedy | xargs)"
    grep -q '^pooled,.*"6 target rows with a label are not held out: too few to learn from"$' out ||
        fail "pooled" "$(<out)"
    grep -q '^none,.*"6 of the held-out rows have a label: too few to score"$' out ||
        fail "none" "$(<out)"
    sed -i 's/^shift$/exit 1/' bin/assay
    adapt_sh --source "$SOURCE" --target "$TARGET" --held-out 30% --net linear \
        --train '--epochs 2'
    expect linear 0 ""
    expect_text linear '"failed"' "$(cell out note remedy=weights)"
    expect_text linear '"--adapt: --net linear is not adapted (mlp is)"' \
        "$(cell out note remedy=coral)"
    expect_text linear 120 "$(cell out n remedy=none)"
}

@test "adapt.sh: quoted cells, a split and ids that are there" {
    with_shift
    for file in source target; do
        awk -F, -v name="$file" 'NR == 1 { print "split,id," $0 ",text"; next }
            { printf "%s,\"%s, %d\",%s,\"say \"\"%s\"\",\n%d\"\n",
                NR % 5 ? "train" : "val", name, NR, $0, NR % 2 ? "a b" : "c d e",
                NR % 7 }' "$BATS_FILE_TMPDIR/$file.csv" >$file.csv
    done
    adapt_sh --source source.csv --target target.csv --exclude x1 --keep kept \
        --train '--epochs 2'
    expect quoted 0 ""
    expect_text remedies "$REMEDIES" "$(column_of out remedy | xargs)"
    expect_text notes "" "$(column_of out note | tr -d '\n')"
    expect_text n 200 "$(column_of out n | sort -u)"
}

@test "adapt.sh: a source that is split without ids, or all to learn from" {
    with_shift
    head -n 121 "$SOURCE" | awk 'NR == 1 { print $0 ",split"; next }
        { print $0 "," (NR % 5 ? "train" : "test") }' >parts.csv
    sed '2,$s/test$/train/' parts.csv >all.csv
    head -n 91 "$TARGET" >target.csv
    adapt_sh --source all.csv --target target.csv --train '--epochs 2'
    expect all 0 ""
    expect_text all "" "$(column_of out note | tr -d '\n')"
    # the same bytes again, of what can be read once
    mv out first
    adapt_sh --source=- --target=<(cat target.csv) --train='--epochs 2' --seed=1 <all.csv
    expect_file pipes first out
    adapt_sh --source - --target - <all.csv
    expect "two pipes" 2 "adapt.sh: --source and --target: one of them can be standard input"
    sed '2,$s/test$/dev/' parts.csv >dev.csv
    adapt_sh --source dev.csv --target target.csv --train '--epochs 2'
    expect dev 0 ""
    expect_text dev '"the source has no rows that are held out (split: val or test)"' \
        "$(cell out note remedy=label_shift)"
    expect_text pooled "" "$(cell out note remedy=pooled)"
}

@test "adapt.sh: a source that cannot be learned from leaves no table" {
    awk -F, '{ print $0 "," (NR == 1 ? "sample_weight" : 1) }' "$SOURCE" >weighted.csv
    adapt_sh --source weighted.csv --target "$TARGET"
    expect weighted 1 "adapt.sh: the source has a column 'sample_weight', the name that the remedies give to their own weights: rename it"
    expect_empty weighted out
    sed '2,$s/c[0-9]$/c1/' "$SOURCE" >one.csv
    adapt_sh --source one.csv --target "$TARGET"
    expect one 1
    expect_like one "adapt.sh: the source model: *single class*" "$(<err)"
    expect_empty one out
}

@test "adapt.sh: --help, and wrong usage" {
    adapt_sh --help
    expect help 0 ""
    mv out help
    try sh "$ROOT/pipelines/adapt.sh" --source "$SOURCE"
    expect "no target" 2
    expect_file "no target" help err
    adapt_sh --source "$SOURCE" --target "$TARGET" --held-out 100%
    expect share 2 "adapt.sh: --held-out: '100%' is not a share like 50%"
    adapt_sh --source none.csv --target "$TARGET"
    expect none 1 "adapt.sh: cannot read 'none.csv'"
    adapt_sh --sauce "$SOURCE"
    expect unknown 2 "adapt.sh: unknown option '--sauce' (see adapt.sh --help)"
}
