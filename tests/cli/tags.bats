# assay confuse --tags: a person's own categories of errors.
load model_helpers

HEADER=tag,n,share,low,high,error,error_after,after_low,after_high,ids

# pred: 40 rows of which r1 to r10 are wrong, and two of train.
pred() {
    awk 'BEGIN { print "id,split,label,pred"
        for (i = 1; i <= 40; i++) print "r" i ",test,x," (i <= 10 ? "y" : "x")
        print "t1,train,y,x"; print "t2,train,y,y" }' >pred.csv
}

@test "--tags: all errors have one" {
    pred
    { echo id,tag
      for i in 1 2 3 4 5 6; do echo r$i,blurred; done
      for i in 6 7 8; do echo "r$i,\"wrong, label\""; done
      for i in 9 10; do echo r$i,cropped; done
      echo r1,blurred; } >tags.csv
    try assay confuse --tags tags.csv pred.csv
    expect tags 0 "assay confuse: 10 of 40 rows are wrong (training rows left out; --on train)
assay confuse: 1 error has several tags: shares add up to more than 1
assay confuse: next: mend 'blurred' (6 of 10), or add training rows like it; what it brought: assay eval --compare pred.csv NEW.csv"
    # Wilson by scipy: 6 of 10, 4 of 40; 3 of 10, 7 of 40; 2 of 10, 8 of 40
    expect_text header "$HEADER" "$(head -n 1 out)"
    expect_text tags "blurred 6 0.6 wrong 3 0.3 cropped 2 0.2" \
        "$(sed '1d; s/"wrong, label"/wrong/' out | cut -d, -f1-3 | xargs | tr , ' ')"
    expect_text ids "r1 r2 r3 r4 r5" "$(cell out ids tag=blurred)"
    near low .3126738 "$(cell out low)"
    near high .8318197 "$(cell out high)"
    near error .25 "$(cell out error)"
    near after .1 "$(cell out error_after)"
    near "after, low" .0395795 "$(cell out after_low)"
    near "after, high" .2305178 "$(cell out after_high)"
}

@test "--tags: some errors have none, some tags no error" {
    pred
    printf 'id,pred,tag\nr1,y,blurred\nr2,y,blurred\nr3,y,cropped\nr4,y,\nr5,y,\nr20,x,cropped\nnobody,x,faint\nt1,x,cropped\n' >tags.csv
    try assay confuse --tags tags.csv pred.csv
    expect tags 0 "assay confuse: 10 of 40 rows are wrong (training rows left out; --on train)
assay confuse: 1 id with a tag is not wrong
assay confuse: 2 ids with a tag are not among these rows: 'nobody'
assay confuse: 3 of 10 errors have a tag: shares are of those, and hold for all only if they were chosen at random (the largest losses are not)
assay confuse: next: mend 'blurred' (2 of 3), or add training rows like it; what it brought: assay eval --compare pred.csv NEW.csv
assay confuse: next: tag more of the errors: assay confuse --top-losses 10 pred.csv"
    expect_text tags "blurred 2 cropped 1 faint 0 7" \
        "$(sed 1d out | cut -d, -f1-2 | tr , ' ' | xargs)"
    near share .6666667 "$(cell out share)"
    near after .0833333 "$(cell out error_after tag=blurred)"
    expect_text untagged ",7,0.7 0.25,,,,r4 r5 r6 r7 r8" \
        "$(tail -n 1 out | cut -d, -f1-3) $(tail -n 1 out | cut -d, -f6-)"
    near "untagged, low" .3967781 "$(tail -n 1 out | cut -d, -f4)"
    try assay confuse -q --tags tags.csv --on train pred.csv
    expect train 0 ""
    expect_text train cropped,1,1 "$(sed -n 2p out | cut -d, -f1-3)"
}

@test "--tags: the interval of a sample holds that of the whole" {
    pred
    { echo id,tag; for i in 1 2 3; do echo "r$i,a"; done; echo r4,b; } >tags.csv
    try assay confuse -q --tags tags.csv pred.csv
    expect tags 0 ""
    # MOVER on logarithms by hand: error 10/40, rest 1/4
    near low .0103969 "$(cell out after_low)"
    near high .1940609 "$(cell out after_high)"
    # nothing would be left
    sed -i s/,b/,a/ tags.csv
    try assay confuse -q --tags tags.csv pred.csv
    expect_text after "1 0 0" \
        "$(cell out share) $(cell out error_after) $(cell out after_low)"
}

@test "--tags: gates and --view" {
    pred
    { echo id,tag; for i in 1 2 3 4 5 6; do echo "r$i,blurred"; done; echo r7,cropped; } >tags.csv
    try assay confuse -q --tags tags.csv --gate 'blurred<.5' --gate 'cropped.n>=1' pred.csv
    expect gate 3 "assay confuse: gate 'blurred<.5' is closed: blurred = 0.8571428571428571"
    export COLUMNS=80 LC_ALL=C.UTF-8 NO_COLOR=1
    try assay confuse -q --view --tags tags.csv pred.csv
    golden confuse_tags.txt out
}

@test "--tags: what is wrong with the file" {
    pred
    printf 'id,reason\nr1,blurred\n' >tags.csv
    try assay confuse --tags tags.csv pred.csv
    expect column 1 "assay confuse: tags.csv: no column 'tag' (there are: id, reason)"
    printf 'id,tag\nr1,\n' >tags.csv
    try assay confuse --tags tags.csv pred.csv
    expect empty 1 "assay confuse: tags.csv: the column 'tag' is empty"
    printf 'id,tag\nr1,blurred\n,blurred\n' >tags.csv
    try assay confuse --tags tags.csv pred.csv
    expect "no id" 1 "assay confuse: tags.csv:3: column 'id' (field 1): a tag without an id"
    printf 'id,tag\nr20,blurred\n' >tags.csv
    try assay confuse -q --tags tags.csv pred.csv
    expect "not wrong" 1 "assay confuse: tags.csv: no row that is wrong has a tag"
    try assay confuse --tags - pred.csv -q <tags.csv
    expect "not wrong, a pipe" 1 "assay confuse: <stdin>: no row that is wrong has a tag"
    try assay confuse --tags nowhere.csv pred.csv
    expect nowhere 1 "assay confuse: nowhere.csv: cannot open: No such file or directory"
    cut -d, -f2- pred.csv >bare.csv
    try assay confuse --tags tags.csv bare.csv
    expect bare 1 "assay confuse: bare.csv:1: no column 'id': tags are joined by it (--columns id=COLUMN names another)"
    try assay confuse --tags tags.csv --append tags.csv pred.csv
    expect output 2
    echo r20,test,x,x >>pred.csv
    try assay confuse --tags tags.csv pred.csv
    expect twice 1 "assay confuse: pred.csv:44: id 'r20' occurs twice: its tag is for one row"
}

@test "--tags: no errors at all" {
    printf 'id,label,pred\nr1,x,x\n' >pred.csv
    printf 'id,tag\nr1,blurred\n' >tags.csv
    try assay confuse --tags tags.csv pred.csv
    expect none 0 "assay confuse: 0 of 1 rows are wrong
assay confuse: 1 id with a tag is not wrong"
    lines none "$HEADER"
}
