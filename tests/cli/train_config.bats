# assay train --config: hyperparameters from a row of a CSV.
load model_helpers

setup_file() {
    start_file
    mixed 120 >mixed.csv
    bars 60 >bars.csv
    export MIXED=$BATS_FILE_TMPDIR/mixed.csv BARS=$BATS_FILE_TMPDIR/bars.csv
}

# config ROW...: the file c.csv.
config() {
    printf '%s\n' "$@" >c.csv
}

# value NAME OPTION...: of a hyperparameter, as it would be trained with.
value() {
    local name=$1

    shift
    assay train --config c.csv --csv "$@" --hyperparameters >values.csv
    cell values.csv value name="$name"
}

# refuses STATUS MESSAGE OPTION...
refuses() {
    local wanted=$1 message=$2

    shift 2
    try assay train --config c.csv "$@" "$MIXED"
    expect "$message" "$wanted" "assay train: $message"
    expect_empty "$message" out
}

@test "a row is what its options would be, to the byte" {
    config net,learning_rate,hidden,dropout,optimizer,momentum,batch,epochs \
        'mlp,0.01,"8,4",0.1,momentum,0.8,16,3'
    try assay train -q --config c.csv -m a.model -o a.csv "$MIXED"
    expect config 0 ""
    try assay train -q --net mlp --learning-rate .01 --hidden 8,4 \
        --dropout .1 --optimizer momentum --momentum .8 --batch 16 --epochs 3 \
        -m b.model -o b.csv "$MIXED"
    expect options 0 ""
    expect_file curve b.csv a.csv
    expect_file model b.model a.model
    try assay train -q -m c.model -o c.csv.out "$MIXED"
    expect_other default c.model a.model
}

@test "other columns are ignored, empty cells are defaults" {
    config trial,state,objective,net,learning_rate,weight_decay,note,per_row \
        '7,done,0.25,linear,0.02,,"a, b",0110'
    expect_text rate 0.02 "$(value learning_rate)"
    expect_text decay 0 "$(value weight_decay)"
    expect_text "no hidden" "" "$(value hidden)"
}

@test "names with a hyphen, a byte order mark, CRLF, gzip" {
    printf '\xef\xbb\xbfnet,learning-rate\r\nlinear,0.02\r\n' | gzip >c.csv
    expect_text rate 0.02 "$(value learning_rate)"
}

@test "options win, before it and behind it" {
    config net,learning_rate,batch linear,0.02,16
    expect_text behind 0.5 "$(value learning_rate --learning-rate .5)"
    expect_text other 16 "$(value batch --learning-rate .5)"
    assay train --net mlp --batch 8 --config c.csv --csv --hyperparameters >out
    expect_text before 8 "$(cell out value name=batch)"
    expect_text net 128 "$(cell out value name=hidden)"
    expect_text rate 0.02 "$(cell out value name=learning_rate)"
}

@test "the last --config counts" {
    config net,learning_rate,batch linear,0.02,16
    printf 'batch\n32\n' >d.csv
    expect_text batch 32 "$(value batch --config d.csv --net mlp)"
    expect_text rate 0.0003 "$(value learning_rate --config d.csv --net mlp)"
}

@test "without a network it is the default's, or that of --net" {
    config hidden,learning_rate 16,0.02
    try assay train --config c.csv --epochs 1 "$MIXED"
    expect_like mlp 'assay train: mlp: *' "$(<err)"
    try assay train --config c.csv --net lenet --shape 8x8x1 --kernel 3 \
        --epochs 1 "$BARS"
    expect_like lenet 'assay train: lenet: *' "$(<err)"
}

@test "a row on standard input" {
    try assay train --config - --csv --net linear --epochs 1 "$MIXED" \
        <<<$'learning_rate\n0.5'
    expect row 0
    expect_text rate 0.5 "$(cell out learning_rate epoch=1)"
    try assay train --config - --net linear <<<$'learning_rate\n0.5'
    expect data 2 "assay train: --config: standard input is the data"
    try assay train --config - --net linear - <<<$'learning_rate\n0.5'
    expect data 2 "assay train: --config: standard input is the data"
}

@test "one row, no more and no less" {
    config trial,learning_rate 1,0.1 2,0.2 3,0.3
    refuses 1 "c.csv: 3 rows, but --config takes one (tune --best LOG prints the row that did best)"
    config learning_rate
    refuses 1 "c.csv: no rows after the header"
    : >c.csv
    refuses 1 "c.csv: empty input: no header row (did what writes it fail?)"
    try assay train --config none.csv "$MIXED"
    expect missing 1 "assay train: none.csv: cannot open: No such file or directory"
}

@test "a value that cannot be: file, line, column, value" {
    config note,learning_rate '"a' 'b",fast'
    refuses 1 "c.csv:2: column 'learning_rate' (field 2): --learning-rate: 'fast' is not a number from 1e-09 to 1000"
    config batch,hidden '16,"8,0"'
    refuses 1 "c.csv:2: column 'hidden' (field 2): --hidden: '0' is not a whole number from 1 to 65536"
    config schedule linear
    refuses 1 "c.csv:2: column 'schedule' (field 1): --schedule: 'linear' is not constant, step, cosine, one_cycle or plateau"
    config net perceptron
    refuses 1 "c.csv:2: column 'net' (field 1): no such network: 'perceptron'"
}

@test "what the network lacks, or has no use for" {
    config net,learning_rate,kernel mlp,0.1,3
    refuses 1 "c.csv:2: column 'kernel' (field 3): --net mlp has none"
    config net,learning_rate,kernel mlp,0.1,
    try assay train -q --config c.csv --epochs 1 "$MIXED"
    expect "an empty cell" 0 ""
    config optimizer,momentum adam,0.9
    refuses 1 "c.csv:2: column 'momentum' (field 2): needs --optimizer momentum or nesterov"
    try assay train -q --config c.csv --optimizer nesterov --epochs 1 "$MIXED"
    expect "an option" 0 ""
    config learning_rate 0.1
    refuses 2 "--momentum needs --optimizer momentum or nesterov" --momentum .9
    try assay train --config c.csv --net majority "$MIXED"
    expect_like majority "assay train: --learning-rate: --net majority has none*" "$(<err)"
}

@test "no hyperparameter, or one twice" {
    config trial,rate 1,0.1
    refuses 1 "c.csv: no column has the name of a hyperparameter"
    config learning_rate,learning-rate 0.1,0.2
    refuses 1 "c.csv:2: column 'learning-rate' (field 2): 'learning_rate' has a column already"
}

@test "an output may not be the file that is read" {
    config learning_rate 0.1
    cp c.csv kept
    refuses 2 "-m: 'c.csv' is read too: name another file" -m c.csv
    expect_file kept kept c.csv
}

@test "check takes it with --net, and the network of its row" {
    config net,learning_rate linear,0.02
    try assay check --label label --config c.csv --csv "$MIXED"
    expect check 0
    grep -q '^overfit' out || fail "no check of the network" "$(cut -d, -f1 out)"
    config learning_rate 0.02
    try assay check --config c.csv "$MIXED"
    expect "no network" 2 "assay check: --config needs --net"
    expect_text "in its help" "" "$(assay check --help | grep -e --config)"
}
