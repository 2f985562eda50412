# assay confuse --flow: what moved between two predictions of the same rows.
load model_helpers

# two: a.csv and b.csv; b's rows stand in another order.
two() {
    cat >a.csv <<'END'
id,split,label,pred
t1,train,x,y
k1,val,x,x
k2,val,x,y
k3,val,x,y
k4,val,y,x
k5,test,y,z
k6,test,z,z
k7,test,z,z
k8,test,z,z
k9,test,y,y
END
    cat >b.csv <<'END'
id,split,label,pred
k9,test,y,y
k8,test,z,y
k3,val,x,x
k7,test,z,x
k2,val,x,x
k6,test,z,x
k5,test,y,x
k4,val,y,y
k1,val,x,x
t1,train,x,x
END
}

@test "rows that moved, the most frequent first" {
    two
    try assay confuse --flow a.csv b.csv
    expect flow 0 "assay confuse: 9 rows compared (val 4, test 5), training rows left out (--on train)
assay confuse: 7 predictions changed: 3 repaired, 3 broken, 1 from one wrong class to another; repaired and broken differ within chance (McNemar mid-p = 1)"
    lines flow label,pred_a,pred_b,count,ids "x,y,x,2,k2 k3" "z,z,x,2,k6 k7" \
        y,x,y,1,k4 y,z,x,1,k5 z,z,y,1,k8
    try assay confuse --flow --on train a.csv b.csv
    expect on 0 "assay confuse: 1 row compared (train 1)
assay confuse: 1 prediction changed: 1 repaired, 0 broken, 0 from one wrong class to another; repaired and broken differ within chance (McNemar mid-p = 0.5)"
    try assay confuse --flow a.csv a.csv
    expect same 0 "assay confuse: 9 rows compared (val 4, test 5), training rows left out (--on train)
assay confuse: no prediction changed"
    lines same label,pred_a,pred_b,count,ids
}

@test "five ids are shown of many" {
    { echo id,label,pred; for i in 1 2 3 4 5 6 7; do echo "r$i,x,y"; done; echo r8,y,y; } >a.csv
    sed 's/x,y/x,x/' a.csv >b.csv
    try assay confuse -q --flow a.csv b.csv
    lines flow label,pred_a,pred_b,count,ids "x,y,x,7,r1 r2 r3 r4 r5"
}

@test "--flow: gates, also of what did not happen" {
    two
    try assay confuse -q --flow --gate 'broken<=3' --gate 'repaired>=3' \
        --gate 'changed==7' --gate 'still_wrong==1' --gate 'z.z.x<=2' \
        --gate 'y.y.z==0' a.csv b.csv
    expect open 0 ""
    try assay confuse -q --flow --gate 'broken<=2' --gate 'x.y.x<1' a.csv b.csv
    expect closed 3 "assay confuse: gate 'broken<=2' is closed: broken = 3
assay confuse: gate 'x.y.x<1' is closed: x.y.x = 2"
    try assay confuse -q --flow --gate 'x.y.q<1' a.csv b.csv
    expect unknown 2
    # beyond 46 classes only what did happen has a name
    awk 'BEGIN { print "id,label,pred"; for (i = 0; i < 60; i++) print "r" i ",c" i ",c" i }' >a.csv
    sed 's/^r7,c7,c7/r7,c7,c8/' a.csv >b.csv
    try assay confuse -q --flow --gate 'c7.c7.c8<=1' --gate 'broken<=1' a.csv b.csv
    expect many 0 ""
    try assay confuse -q --flow --gate 'c8.c8.c9<=1' a.csv b.csv
    expect unseen 2
}

@test "--flow: labels that differ" {
    two
    sed -i 's/^k4,val,y,y/k4,val,x,y/' b.csv
    try assay confuse --flow a.csv b.csv
    expect differ 1 "assay confuse: b.csv:9: id 'k4': label 'x', but 'y' in 'a.csv' (--labels-from says which one counts)"
    try assay confuse -q --flow --labels-from B a.csv b.csv
    expect B 0 ""
    expect_text k4 x,x,y,1,k4 "$(grep k4 out)"
}

@test "--flow: wrong usage" {
    two
    try assay confuse --flow a.csv
    expect one 2 "assay confuse: --flow needs two files"
    try assay confuse --flow a.csv b.csv a.csv
    expect three 2 "assay confuse: --flow needs two files"
    try assay confuse --flow --matrix a.csv b.csv
    expect two 2 "assay confuse: --flow and --matrix are one table each: ask for one"
    try assay confuse --labels-from A a.csv
    expect labels 2 "assay confuse: --labels-from needs --flow"
    cut -d, -f2- b.csv >c.csv
    try assay confuse --flow a.csv c.csv
    expect "no id" 1 "assay confuse: c.csv:1: no column 'id': rows are joined by it, never by their order (--columns id=COLUMN names another)"
}

@test "--flow --view" {
    two
    export COLUMNS=80 LC_ALL=C.UTF-8 NO_COLOR=1
    try assay confuse -q --view --flow a.csv b.csv
    golden confuse_flow.txt out
}
