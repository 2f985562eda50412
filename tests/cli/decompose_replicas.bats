# assay decompose: noise, bias and variance of predictions with replicas.
load model_helpers

# starred: three classes, five replicas of six rows.
starred() {
    awk 'BEGIN {
        print "id,label,pred,replica"
        n = split("012120 012120 011101 022011 112012", said, " ")
        for (r = 1; r <= n; r++)
            for (i = 1; i <= 6; i++)
                print i "," (i - 1) % 3 "," substr(said[r], i, 1) "," r
    }'
}

# notes: what was said, but for the warning about rows that count repeatedly.
notes() {
    grep -v 'predictions of several models' err || true
}

part() { # NAME [COLUMN [CLASS]]
    cell out "${2:-value}" kind=part "name=$1" "class=$3"
}

parts() { # PREDICTIONS...: of two replicas, id,label,pred,replica
    printf '%s\n' id,label,pred,replica "$@" >pred.csv
}

@test "Domingos: several classes, and the parts add up" {
    starred >pred.csv
    try assay decompose pred.csv
    expect starred 0
    expect_text notes "assay decompose: bias and variance are of 6 rows of test, 5 replicas" "$(notes)"
    near loss .433333 "$(part loss)"
    near bias .333333 "$(part bias)"
    near variance .366667 "$(part variance)"
    near "net variance" .1 "$(part net_variance)"
    near unbiased .2 "$(part variance_unbiased)"
    near biased .166667 "$(part variance_biased)"
    expect_text names "loss bias variance net_variance variance_unbiased variance_biased" \
        "$(awk -F, '/^part/ { print $2 }' out | xargs)"
    expect_text "in front of the advice" "error part next" \
        "$(cut -d, -f1 out | sed 1d | uniq | xargs)"
    expect_like note 'part,loss,,*,6,"Domingos, 5 replicas"' "$(grep ^part,loss out)"
}

@test "Kohavi and Wolpert, and what few replicas add to their bias" {
    starred >pred.csv
    try assay decompose --decomposition kohavi_wolpert pred.csv
    expect starred 0
    near bias .206667 "$(part bias)"
    near variance .226667 "$(part variance)"
    near corrected .15 "$(part bias_corrected)"
    near corrected .283333 "$(part variance_corrected)"
}

# Of all rows and of those of each class.
@test "every part of every loss, as another implementation has it" {
    local kind

    for kind in domingos kohavi_wolpert brier log_loss; do
        case $kind in
        brier | log_loss) set -- --metric $kind ;;
        *) set -- --decomposition $kind ;;
        esac
        try assay decompose --by-class "$@" "$DATA/replicas/predictions.csv"
        expect $kind 0
        expect_like "$kind: notes" "*of 40 rows of val, test pooled, 7 replicas
*: 4 rows not predicted by all replicas: each row counts once, with its own" \
            "$(notes)"
        expect_text "$kind: differences" "" "$(awk -F, -v kind=$kind '
            FNR == NR { if ($1 == kind) want[$2 "," $3] = $4; next }
            $1 == "part" {
                d = $4 - want[$3 "," $2]
                if (!(($3 "," $2) in want) || d > 1e-7 || d < -1e-7)
                    print $3, $2, $4
                delete want[$3 "," $2]
            }
            END { for (left in want) print "no row", left }' \
            "$DATA/replicas/expected.csv" out)"
    done
}

@test "--by-row: always wrong, luck, always right" {
    parts 10,a,b,1 9,a,b,1 x,b,a,1 2,b,b,1 10,a,c,2 9,a,b,2 x,b,b,2 2,b,b,2 \
        11,c,a,1 11,c,a,2
    try assay decompose --by-row pred.csv
    expect by-row 0
    expect_text notes "assay decompose: bias and variance are of 5 rows of test, 2 replicas
assay decompose: 3 rows are wrong in every replica (2 with one class), 1 by luck, 1 in none" "$(notes)"
    # ids that are numbers by value, the others after them; of a tie the first
    # class in sorted order
    expect_text rows "id,label,main_pred,loss,bias,variance,net_variance,noise
9,a,b,1,1,0,0,
10,a,b,1,1,0.5,0,
11,c,a,1,1,0,0,
x,b,a,0.5,1,0.5,-0.5,
2,b,b,0,0,0,0," "$(<out)"
    export COLUMNS=80
    try assay decompose -q --by-row --view pred.csv
    golden decompose_by_row.txt out
    try assay decompose -q --by-row --gate 'x<.4' pred.csv
    expect gate 3 "assay decompose: gate 'x<.4' is closed: x = 0.5"
}

@test "training rows are left out, the others pooled; --on" {
    printf '%s\n' id,split,label,pred,replica 1,train,a,b,1 1,train,a,b,2 \
        2,val,a,a,1 2,val,a,b,2 3,test,b,b,1 3,test,b,b,2 >pred.csv
    try assay decompose pred.csv
    expect_text pooled "assay decompose: bias and variance are of 2 rows of val, test pooled, 2 replicas" "$(notes)"
    near loss .25 "$(part loss)"
    try assay decompose --on train,val pred.csv
    expect_text on "assay decompose: bias and variance are of 2 rows of train, val pooled, 2 replicas" "$(notes)"
    near loss .75 "$(part loss)"
    try assay decompose --on valid pred.csv
    expect on 1
    expect_text on "assay decompose: pred.csv: --on: no row has the split 'valid' (there are: train, val, test)" "$(notes)"
    sed -i 's/val\|test/train/' pred.csv
    try assay decompose pred.csv
    expect "train only" 0
    expect_text "train only" "assay decompose: no bias and variance: no labelled row is held out" "$(notes)"
    expect_text "no parts" 0 "$(grep -c ^part out)"
}

@test "of each row the models of the largest training size" {
    printf '%s\n' id,label,pred,replica,train_size 1,a,b,1,10 1,a,a,1,20 \
        1,a,b,2,10 1,a,b,2,20 1,a,c,2,10 1,a,c,3,5 >pred.csv
    try assay decompose --by-row pred.csv
    expect_text rows "1,a,a,0.5,0,0.5,0.5," "$(sed -n 2p out)"
    expect_like notes "*of each row the models of the largest train_size only*" \
        "$(notes)"
}

@test "rows with fewer than two replicas are counted" {
    parts 1,a,a,1 1,a,b,2 2,a,b,1 3,b,b,3
    try assay decompose pred.csv
    expect_text notes "assay decompose: bias and variance are of 1 row of test, 3 replicas
assay decompose: 2 rows with fewer than two replicas left out
assay decompose: 1 row not predicted by all replicas: each row counts once, with its own" "$(notes)"
    parts 1,a,a,1 2,a,b,1
    try assay decompose pred.csv
    expect "one replica" 0
    expect_text "one replica" "assay decompose: no bias and variance: no row has two replicas" "$(notes)"
}

@test "a probability of 0 is an infinite log loss, and said" {
    printf '%s\n' id,label,replica,p:a,p:b 1,a,1,1,0 1,a,2,.5,.5 2,b,1,1,0 \
        2,b,2,.25,.75 >pred.csv
    try assay decompose --metric log_loss pred.csv
    expect_text loss "part,loss,,inf,,,2,\"Heskes, 2 replicas; 1 row is inf; 0.3466 without\"" \
        "$(grep ^part,loss out)"
    near variance .519860 "$(part variance)"
    try assay decompose --metric brier pred.csv
    near loss .65625 "$(part loss)"
}

@test "a goal stands for noise, and it is said" {
    starred >pred.csv
    try assay decompose --goal .1 pred.csv
    expect_text noise "part,noise,,0.1,,,,the goal: already in bias" \
        "$(grep ^part,noise out)"
    near bias .333333 "$(part bias)"
    try assay decompose --gate 'part.bias<=.3' pred.csv
    expect gate 3
    expect_like gate "*gate 'part.bias<=.3' is closed: part.bias = 0.33333*" \
        "$(notes)"
}

@test "the same bytes at any number of threads, others with another seed" {
    for metric in error log_loss; do
        for threads in 1 2 3; do
            try assay decompose -j $threads --by-class --metric $metric \
                "$DATA/replicas/predictions.csv"
            [ $threads -gt 1 ] || mv out kept
            [ $threads -eq 1 ] || expect_file "$threads threads" kept out
        done
        try assay decompose --seed 2 --by-class --metric $metric \
            "$DATA/replicas/predictions.csv"
        expect_other seed kept out
    done
}

@test "through a pipe from train" {
    mixed 120 >mixed.csv
    assay split -q --label label mixed.csv >parts.csv
    assay train -q --net linear --epochs 3 --replicas 3 --probs --predict \
        parts.csv >pred.csv
    assay decompose -q <pred.csv >out
    near "they add up" "$(part loss)" \
        "$(awk "BEGIN { print $(part bias) + $(part net_variance) }")"
    expect_text rows 24 "$(part loss n)"
    assay decompose -q --metric brier <pred.csv >out
    expect_text rows 24 "$(part loss n)"
}

@test "what is refused, with its line" {
    while IFS='|' read -r options text message; do
        printf "$text" >pred.csv
        try assay decompose $options pred.csv
        expect "$text" 1
        expect_text "$text" "assay decompose: $message" "$(notes)"
        expect_empty "$text" out
    done <<'EOF'
|id,label,pred,replica\n1,a,a,1\n2,a,b,1\n1,a,a,1\n|pred.csv:4: column 'id' (field 1): '1' occurs twice in replica '1'
|id,label,pred,replica\n1,a,a,1\n,a,b,1\n|pred.csv:3: column 'id' (field 1): no id to join the replicas by
|id,label,pred,replica\n1,a,a,1\n1,b,a,2\n|pred.csv:3: column 'label' (field 2): the label of this id is 'b' here and was 'a' before
--by-row|id,label,pred\n1,a,a\n|pred.csv: no bias and variance without a column replica
--by-class|label,pred,replica\na,a,1\n|pred.csv: no bias and variance without a column id to join the replicas by
--metric brier|id,label,pred,replica\n1,a,a,1\n|pred.csv: --metric brier needs p: columns (--probs)
--by-row|id,label,pred,replica\n1,a,a,1\n|pred.csv: no bias and variance: no row has two replicas
--by-row|split,error\ntrain,.1\n|pred.csv: no bias and variance without predictions
EOF
    # where parts were not asked for, the gaps are there without them
    printf '%s\n' label,pred,replica a,a,1 a,b,2 >pred.csv
    try assay decompose pred.csv
    expect "no id" 0
    expect_text "no id" "assay decompose: no bias and variance without a column id to join the replicas by" "$(notes)"
    awk 'BEGIN {
        print "id,label,pred,replica"
        for (i = 0; i <= 4096; i++) print "1,a,a," i
    }' >pred.csv
    try assay decompose pred.csv
    expect "many replicas" 1
    expect_text "many replicas" "assay decompose: pred.csv:4098: column 'replica' (field 4): more than 4096 replicas" "$(notes)"
}

# Three persons who are wrong in a tenth, and five models of the same rows.
@test "noise: what a row's label is a draw from, by several persons" {
    awk 'BEGIN {
        srand(3)
        print "id,label,pred,replica,ann,bob,cid"
        for (r = 1; r <= 5; r++) for (i = 1; i <= 200; i++) {
            t = i % 2
            if (r == 1) for (k = 1; k <= 3; k++)
                said[i, k] = rand() < .1 ? 1 - t : t
            print i "," said[i, 1] "," (rand() < .15 ? 1 - t : t) "," r "," \
                said[i, 1] "," said[i, 2] "," said[i, 3]
        }
    }' >pred.csv
    assay decompose -q --annotators ann,bob,cid pred.csv >out
    near "they add up" "$(part loss)" "$(awk "BEGIN {
        printf \"%.17g\", $(part noise) + $(part bias) + $(part net_variance) }")" 1e-9
    awk "BEGIN { exit !($(part noise) > .03 && $(part noise) < .2) }" ||
        fail "noise $(part noise)"
    assay decompose -q --by-row --annotators ann,bob,cid pred.csv >rows
    near "rows" "$(part noise)" "$(awk -F, 'NR > 1 { s += $8 }
        END { printf "%.17g", s / (NR - 1) }' rows)"
    assay decompose -q --by-row pred.csv >rows
    [ "$(cut -d, -f8 rows | sort -u | tr -d '\n')" = noise ] || fail "noise without persons"
}

@test "a bias that is all variance is 0, not its last bit" {
    # one replica of five is wrong: (1/5)^2 less (8/25) / 2 / 4
    awk 'BEGIN {
        print "id,split,label,pred,replica"
        for (i = 0; i < 40; i++) for (r = 0; r < 5; r++)
            print i ",test,a," (i < 5 && r == i ? "b" : "a") "," r
    }' >one.csv
    try assay decompose -q --decomposition kohavi_wolpert one.csv
    expect one 0 ""
    expect_text corrected 0 "$(part bias_corrected)"
}

@test "wrong usage" {
    starred >pred.csv
    while IFS='|' read -r options message; do
        try assay decompose $options pred.csv
        expect "$options" 2 "assay decompose: $message"
    done <<'EOF'
--by-row --by-class|--by-row and --by-class are one table each: ask for one
--by-row --goal .1|--goal does not go with --by-row
--by-row --goal-from pred.csv|--goal-from does not go with --by-row
--by-row --annotator label|--annotator does not go with --by-row
--by-row --weight id|--weight does not go with --by-row
--by-row --group id|--group does not go with --by-row
--by-row --tuned 3|--tuned does not go with --by-row
--by-row --trial-log pred.csv|--trial-log does not go with --by-row
--decomposition best|--decomposition: 'best' is not domingos or kohavi_wolpert
--decomposition domingos --metric brier|--decomposition goes with --metric error
--metric macro_f1 --by-class|--metric: bias and variance are of error, brier or log_loss, not of macro_f1
EOF
}
