load helpers

KINDS="blobs xor moons spirals tabular glyphs parity order titles"

@test "every kind makes rows with a label, the same for one seed" {
    for kind in $KINDS; do
        assay synth "$kind" --rows 50 >a.csv
        assay synth "$kind" --rows 50 -j 3 >b.csv
        assay synth "$kind" --rows 50 --seed 2 >c.csv
        cmp a.csv b.csv || fail "$kind"
        ! cmp -s a.csv c.csv || fail "$kind: the seed does nothing"
        [ "$(wc -l <a.csv)" -eq 51 ] || fail "$kind"
        head -n 1 a.csv | grep -q ',label$' || fail "$kind"
    done
}

@test "the truth: the same at any number of threads, and what made the data" {
    assay synth blobs --rows 20 --classes 2 --noise .5 --imbalance 2 \
        --misalign reverse@.5 --truth one.csv -j 1 >/dev/null
    assay synth blobs --rows 20 --classes 2 --noise .5 --imbalance 2 \
        --misalign reverse@.5 --truth three.csv -j 3 >/dev/null
    cmp one.csv three.csv
    expect_text "truth" "$(cut -d, -f1 one.csv | tr '\n' ' ')" \
        "name best_error best_error_standard_error kind rows classes size noise label_noise imbalance duplicates leak shift misalign misalign_from seed "
    grep -qx 'misalign,reverse' one.csv
    grep -qx 'misalign_from,0.5' one.csv
}

@test "faults that are asked for are there" {
    assay synth blobs --rows 400 >plain.csv
    assay synth blobs --rows 400 --misalign 2@.5 >by.csv
    cmp <(head -n 201 plain.csv) <(head -n 201 by.csv)
    cmp <(cut -d, -f1,2 plain.csv) <(cut -d, -f1,2 by.csv)
    cmp <(sed -n '202,399p' plain.csv | cut -d, -f3) \
        <(sed -n '204,401p' by.csv | cut -d, -f3)
    assay synth blobs --rows 1000 --duplicates .3 >twice.csv
    again=$((1001 - $(sort -u twice.csv | wc -l)))
    [ "$again" -gt 240 ] && [ "$again" -lt 360 ] || fail "$again"
    assay synth blobs --rows 400 --leak 1 >leak.csv
    awk -F, 'NR > 1 && $3 != $4 { exit 1 }' leak.csv
    [ "$(head -n 1 leak.csv)" = x1,x2,label,leak ]
    assay synth tabular --rows 300 | grep -q ',,' || fail "no missing cell"
}

@test "images and sequences are what train reads" {
    assay synth glyphs --rows 60 --size 12 --classes 3 | assay split -q --label label >g.csv
    assay train -q --label label --net lenet --kernel 3 --shape 12x12x1 --epochs 1 g.csv >/dev/null
    assay synth order --rows 60 | assay split -q --label label >o.csv
    assay train -q --label label --net lstm --features sequence --epochs 1 o.csv >/dev/null
}

@test "gates look at the truth" {
    try assay synth xor --rows 10 --truth t.csv --gate 'best_error<=.1'
    expect "open" 0 ""
    try assay synth xor --rows 10 --noise 2 --truth t.csv --gate 'best_error<=.1' -o out
    [ "$status" -eq 3 ]
    [ -s t.csv ]
}

@test "wrong usage" {
    while IFS='|' read -r options message; do
        try assay synth $options
        expect "$options" 2 "assay synth: $message"
    done <<'EOF'
|one KIND is needed: blobs, xor, moons, spirals, tabular, glyphs, parity, order or titles
xor moons|one KIND is needed: blobs, xor, moons, spirals, tabular, glyphs, parity, order or titles
blob|'blob' is not blobs, xor, moons, spirals, tabular, glyphs, parity, order or titles
xor --classes 3|--classes: 'xor' has 2 to 2
glyphs --size 100|--size: 'glyphs' has 8 to 64 pixels a side
moons --size 3|--size means nothing to 'moons'
parity --noise .6|--noise of 'parity' is at most 0.5
blobs --misalign twist|--misalign: 'twist' is not an offset, shuffle, sort or reverse
blobs --misalign 1@2|--misalign: '2' is not a number from 0 to 1
blobs --shift down|--shift: 'down' is not covariate, label or concept
blobs --shift-by 2|--shift-by needs --shift
blobs --shift concept --shift-by 2|--shift-by: with concept it is a share, 0 to 1
blobs --gate best_error<1|--gate needs --truth
glyphs --rows 1000000000|--rows: too many for memory
EOF
}

@test "a full disk" {
    try assay synth blobs -o /dev/full
    expect "full" 1 "assay synth: /dev/full: cannot write: No space left on device"
    status=0
    assay synth blobs 2>err >/dev/full || status=$?
    expect "full" 1 "assay synth: <stdout>: cannot write: No space left on device"
}
