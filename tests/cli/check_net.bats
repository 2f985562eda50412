# assay check --net: data and network together.
load helpers

blobs() {
    assay synth blobs --rows 400 >blobs.csv
}

# check,subject,status of what is not ok
odd() {
    cut -d, -f1-3 "$1" | grep -v ',ok$' | tail -n +2
}

@test "net: a sound network; the checks of data come first" {
    blobs
    for net in linear mlp; do
        try assay check -q --net "$net" --learning-rate 3e-3 blobs.csv
        expect "$net" 0 ""
        odd out >some || true
        : >wanted
        expect_file "$net" wanted some
    done
    cut -d, -f1 out | uniq | tail -n 19 | tr '\n' ' ' >some
    echo -n "stopping_rows shuffle inputs batch targets dependency outputs \
evaluation determinism gradient initialisation layers output_bias learning_rate \
overfit capacity floor zeroed_inputs " >wanted
    grep -q "$(cat wanted)" some
}

@test "net: a learning rate, a weight decay; the cause is said first; --strict" {
    blobs
    try assay check -q --strict --net mlp --weight-decay 30 blobs.csv
    expect decay 3 ""
    [ "$(sed -n 2p out | cut -d, -f1-3)" = "regularisation,one batch,fail" ]
    try assay check -q --net mlp --learning-rate 1e-6 blobs.csv
    [ "$(sed -n 2p out | cut -d, -f1-3)" = "learning_rate,one batch,fail" ]
    sed -n 2p out | grep -q 'too low: .* with 0.0001 it is learned'
    try assay check -q --net mlp --gate 'floor.linear.p_value>=0' blobs.csv
    expect gate 0 ""
}

@test "net: the same at any thread count; seeds differ" {
    blobs
    assay check -q -j 1 --net mlp blobs.csv >one
    assay check -q -j 3 --net mlp blobs.csv >three
    expect_file threads one three
    assay check -q --seed 2 --net mlp blobs.csv >other
    ! cmp -s one other
}

@test "net: as fast as it was" {
    blobs
    assay train -q blobs.csv >base.csv
    try assay check -q --net mlp --baseline base.csv blobs.csv
    expect same 0 ""
    [ "$(grep -c '^baseline,held-out loss,ok,' out)" = 1 ]
    try assay check -q --net mlp --learning-rate 3e-5 --baseline base.csv blobs.csv
    [ "$(grep -c '^baseline,held-out loss,fail,' out)" = 1 ]
    echo x >bad.csv
    try assay check -q --net mlp --baseline bad.csv blobs.csv
    [ "$status" -eq 1 ]
    printf 'epoch,split,loss\n1,train,inf\n2,train,1\n3,train,.5\n' >inf.csv
    try assay check -q --net mlp --baseline inf.csv blobs.csv
    expect inf 1 "assay check: the baseline begins without a finite loss"
    printf 'epoch,val_loss\n1,2\n2,1\n3,.5\n' >held.csv
    try assay check -q --net mlp --stop-on none --baseline held.csv blobs.csv
    expect held 1 "assay check: the baseline has no loss of training rows, and no rows decide here"
}

@test "net: sequences, texts, images" {
    assay synth order --rows 200 --size 8 >order.csv
    try assay check -q --net lstm --hidden 16 order.csv
    expect lstm 0 ""
    [ "$(grep -c '^gradient,all parameters,ok,' out)" = 1 ]
    assay synth titles --rows 300 >titles.csv
    try assay check -q --net mlp titles.csv
    expect text 0 ""
    [ "$(odd out | grep -vc '^duplicates\|^conflicts' || true)" = 0 ]
    assay synth glyphs --size 8 --rows 200 >glyphs.csv
    try assay check -q --net lenet --kernel 3 --shape 8x8x1 glyphs.csv
    expect image 0 ""
    [ "$(grep -c '^layers,all layers,ok,' out)" = 1 ]
}

@test "net: wrong usage" {
    blobs
    try assay check --learning-rate .1 blobs.csv
    expect rate 2 "assay check: --learning-rate needs --net"
    try assay check --stop-on val blobs.csv
    expect stop 2 "assay check: --stop-on needs --net"
    try assay check --baseline x blobs.csv
    expect baseline 2 "assay check: --baseline needs --net"
    try assay check --net majority blobs.csv
    expect majority 2 "assay check: --net majority: it learns nothing that could be checked"
    try assay check --columns --net mlp blobs.csv
    expect columns 2 "assay check: --net is for a table of rows and labels: leave out --columns, or name the table"
}
