# assay confuse --calibration.
load model_helpers

# pred: 8 rows in 4 of 5 bins of a fifth.
pred() {
    cat <<'EOF'
id,label,pred,prob
1,a,a,.9
2,a,a,.95
3,b,a,.85
4,b,b,.7
5,a,b,.7
6,b,b,.3
7,a,b,.5
8,b,b,1
EOF
}

@test "bins of equal width: values computed by hand" {
    pred >pred.csv
    try assay confuse --calibration --bins 5 pred.csv
    expect calibration 0
    lines bins bin,low,high,n,confidence,accuracy,accuracy_low,accuracy_high \
        1,0,0.2,0,,,, \
        2,0.2,0.4,1,0.3,1,0.20654931437723745,1 \
        3,0.4,0.6,1,0.5,0,0,0.7934506856227626 \
        4,0.6,0.8,2,0.7,0.5,0.09453120573423074,0.9054687942657693 \
        5,0.8,1,4,0.925,0.75,0.30064184258240184,0.9544127391902995
    # (.7 + .5 + 2 x .2 + 4 x .175) / 8
    expect_like ece "*
assay confuse: expected calibration error 0.2875 (0 to 0.*): 5 bins of equal width
*" "$(<err)"
    expect_like verdict "*
assay confuse: neither over- nor underconfident beyond noise: mean probability 0.7375, accuracy 0.625, difference 0.1125 (-0.* to 0.*)
*" "$(<err)"
    try assay confuse -q --calibration pred.csv
    expect_text "15 bins" 16 "$(wc -l <out)"
}

@test "bins of equal mass: ties stay together" {
    pred >pred.csv
    try assay confuse --calibration --equal-mass --bins 4 pred.csv
    expect calibration 0
    expect_text bins "1 0.3 0.5 2|2 0.7 0.7 2|3 0.85 0.9 2|4 0.95 1 2" \
        "$(sed 1d out | cut -d, -f1-4 | tr ',\n' ' |' | sed 's/|$//')"
    expect_like note "*: 4 bins of equal mass*" "$(<err)"
    printf 'label,pred,prob\na,a,.5\na,b,.5\na,a,.5\n' >ties.csv
    try assay confuse --calibration --equal-mass --bins 3 ties.csv
    expect ties 0
    expect_text rows "1,0.5,0.5,3" "$(sed 1d out | cut -d, -f1-4)"
    expect_like note "*: 1 bin of equal mass*" "$(<err)"
}

@test "against scikit-learn, numpy and scipy" {
    while read -r name value; do
        case $name in
        width.ece) gate="ece" kind="" ;;
        width.*.*) continue ;;
        width.*) gate=${name#width.} kind="" ;;
        mass.ece) gate="ece" kind="--equal-mass --bins 10" ;;
        mass.*.*) continue ;;
        mass.*) gate=${name#mass.} kind="--equal-mass --bins 10" ;;
        temperature*) gate=$name kind="" ;;
        *) continue ;;
        esac
        case $gate in within_*) continue ;; esac
        printf '%s|%s>%s\n' "$kind" "$gate" \
            "$(awk "BEGIN { printf \"%.12g\", $value * 1.00001 + 1e-9 }")"
        printf '%s|%s<%s\n' "$kind" "$gate" \
            "$(awk "BEGIN { printf \"%.12g\", $value * .99999 - 1e-9 }")"
    done <"$DATA/calibration/calibration.txt" >gates
    [ "$(wc -l <gates)" -eq 26 ] || fail "gates: $(wc -l <gates)"
    for kind in "" "--equal-mass --bins 10"; do
        gates=()
        while IFS='|' read -r of gate; do
            [ "$of" = "$kind" ] && gates+=(--gate "$gate")
        done <gates
        # shellcheck disable=SC2086 # options
        try assay confuse -q --calibration $kind "${gates[@]}" \
            "$DATA/calibration/probabilities.csv"
        expect "closed on both sides" 3
        expect_text "$kind" "$((${#gates[@]} / 2))" "$(grep -c 'is closed' err)"
    done
}

@test "the temperature, and what it would change" {
    try assay confuse --calibration "$DATA/calibration/probabilities.csv"
    expect calibration 0
    expect_like notes "*
assay confuse: overconfident beyond noise: mean probability 0.7*
assay confuse: temperature 1.7251 (1.54 to 1.937) would take the log loss from 1.044 to 0.9485" "$(<err)"
    printf 'label,p:a,p:b\na,.9,.1\nb,.2,.8\n' >right.csv
    try assay confuse --calibration right.csv
    expect_like right "*temperature: none is best, the more sure the lower the log loss" "$(<err)"
    printf 'label,p:a,p:b\nb,.9,.1\na,.2,.8\n' >wrong.csv
    try assay confuse --calibration wrong.csv
    expect_like wrong "*temperature: none is best, the less sure the lower the log loss" "$(<err)"
    printf 'label,p:a,p:b\na,.5,.5\nb,.5,.5\n' >even.csv
    try assay confuse --calibration even.csv
    expect_like even "*temperature: none, all classes have the same probability" "$(<err)"
    printf 'label,p:a,p:b\nb,1,0\na,.6,.4\nb,.6,.4\n' >zero.csv
    try assay confuse --calibration zero.csv
    expect_like zero "*
assay confuse: warning: 1 row whose label has p 0, which counts as 1.2e-38" "$(<err)"
    pred >pred.csv
    try assay confuse --calibration pred.csv
    expect_text "without p:" 0 "$(grep -c temperature err)"
}

@test "the same bytes on any number of threads" {
    file=$DATA/calibration/probabilities.csv
    assay confuse --calibration -j 1 "$file" >one 2>one.err
    assay confuse --calibration -j 3 "$file" >three 2>three.err
    expect_file rows one three
    expect_file notes one.err three.err
}

@test "rows and columns without a probability" {
    printf 'label,pred\na,a\n' >pred.csv
    try assay confuse --calibration pred.csv
    expect none 1 "assay confuse: pred.csv: --calibration needs a column prob, or p: columns"
    printf 'label,pred,prob\na,a,\na,a,.5\n' >pred.csv
    try assay confuse --calibration pred.csv
    expect some 0
    expect_like some "*
assay confuse: 1 row without a probability left out
*" "$(<err)"
    expect_text n 1 "$(cell out n bin=8)"
    printf 'label,pred,prob\na,a,\n' >pred.csv
    try assay confuse --calibration pred.csv
    expect all 1 "assay confuse: 0 of 1 rows are wrong
assay confuse: pred.csv: no row has a probability"
}

@test "one row, one class, and certainty" {
    printf 'label,pred,prob\na,a,1\n' >one.csv
    try assay confuse --calibration one.csv
    expect one 0 "assay confuse: 0 of 1 rows are wrong
assay confuse: expected calibration error 0 (0 to 0.7935): 15 bins of equal width
assay confuse: neither over- nor underconfident beyond noise: mean probability 1, accuracy 1, difference 0 (0 to 0.7935)
assay confuse: Brier score of prob as a forecast of being right: 0 = reliability 0 - resolution 0 + uncertainty 0 + within bins (variance 0 - covariance 0)"
    printf 'label,p:a\na,1\nb,1\n' >class.csv
    try assay confuse --calibration --bins 1 class.csv
    expect class 0
    expect_like class "*difference 0.5 (0 to 1)
*" "$(<err)"
    expect_text bin "1,0,1,2,1,0.5" "$(sed -n 2p out | cut -d, -f1-6)"
}

@test "a prob that is that of one class, not of the prediction" {
    printf 'label,pred,prob\n0,0,.1\n1,1,.9\n0,0,.2\n1,1,.5\n' >pred.csv
    try assay confuse --calibration pred.csv
    expect_like one 'assay confuse: 0 of 4 rows are wrong
assay confuse: warning: 2 rows with prob below 0.5, of two classes: prob is to be that of the prediction, not of one class
*' "$(<err)"
    # of three classes the likeliest may be below a half
    printf '2,2,.4\n' >>pred.csv
    try assay confuse --calibration pred.csv
    ! grep -q warning err || fail three "$(<err)"
}

@test "options that do not fit" {
    pred >pred.csv
    while IFS='|' read -r options message; do
        # shellcheck disable=SC2086 # options
        try assay confuse $options pred.csv
        expect "$options" 2 "assay confuse: $message"
    done <<'EOF'
--bins 3|--bins needs --calibration
--matrix --equal-mass|--equal-mass needs --calibration
--calibration --bins 0|--bins: '0' is not a whole number from 1 to 1000
--calibration --matrix|--calibration and --matrix are one table each: ask for one
--calibration --normalise row|--normalise needs --matrix
EOF
}

@test "gates" {
    pred >pred.csv
    while IFS='|' read -r gate status message; do
        try assay confuse -q --calibration --bins 5 --gate "$gate" pred.csv
        expect "$gate" "$status" "$message"
    done <<'EOF'
ece<=0.3|0|
ece<0.1|3|assay confuse: gate 'ece<0.1' is closed: ece = 0.2875
overconfidence.low<=0|0|
uncertainty<.2|3|assay confuse: gate 'uncertainty<.2' is closed: uncertainty = 0.234375
temperature<2|2|assay confuse: gate 'temperature<2': no such row; there are: 'ece', 'brier', 'reliability', 'resolution', 'uncertainty', 'within_bins', 'overconfidence'
reliability.low>0|1|assay confuse: gate 'reliability.low>0' cannot be computed: 'reliability.low' is empty
EOF
}

@test "--view" {
    export COLUMNS=80 LC_ALL=C.UTF-8 NO_COLOR=1
    try assay confuse -q --view --calibration "$DATA/calibration/probabilities.csv"
    golden confuse_calibration.txt out
}

# 1.1046: of the even rows, by another implementation
@test "the temperature of a known file" {
    gzip -cd "$DATA/issues/mnist_test_probs.csv.gz" |
        awk -F, -v OFS=, 'NR == 1 { gsub(/,p/, ",p:"); print } NR > 1 && NR % 2 == 0' >even.csv
    assay confuse -q --calibration --columns id=index \
        --gate 'temperature>1.10455' --gate 'temperature<1.10465' \
        -o bins.csv even.csv
}
