# assay check: what is just too little for a finding, and what is enough.
load helpers

# awk with u(), the same numbers everywhere, uniform on (0, 1).
table() {
    awk 'function u() { seed = (seed * 16807) % 2147483647
            return seed / 2147483647 }
        BEGIN { seed = 4711; '"$1"' }' >table.csv
}

# check, subject and status of one check, of all that it found.
found() {
    local check=$1
    shift
    assay check -q "$@" -o all.csv || return
    grep "^$check," all.csv | cut -d, -f2-3 | tr '\n' ' '
}

# A table of rows: found what CHECK options...
by() {
    local name=$1 wanted=$2
    shift 2
    expect_text "$name" "$wanted " "$(found "$@" table.csv)"
}

# A column k of 400 rows beside one that tells a little of the label.
column_k() {
    table 'print "k,x,label"; for (i = 0; i < 400; i++) {
        l = i % 2; k = '"$1"'; print k "," l + 3 * u() "," l }'
}

@test "limits: what cells are" {
    column_k 'u() < .6 ? sprintf("%.2f kg", u()) : "w" int(u() * 1e6)'
    by "numbers among words" "k,warn" mixed
    column_k 'int(u() * 500) "-" 500 + int(u() * 400)'
    by "ranges alone" "all columns,ok" text_numbers --type k=text
    column_k 'i % 3 ? sprintf("1990-%02d-%02d", i % 12 + 1, i % 28 + 1) : 33000 + i'
    by "dates and numbers" "k,warn" mixed
    column_k '"n" i'
    by "names that are asked for" "k,warn" identifier --features k,x
    table 'print "x,label"; for (i = 0; i < 400; i++)
        print u() "," (i == 7 ? "Yes" : u() < .5 ? "yes" : "no")'
    by "one label of another spelling" "label,warn" spellings
    table 'for (c = 1; c <= 20; c++) printf "p%d,", c; print "label"
        for (i = 0; i < 300; i++) { for (c = 1; c <= 20; c++)
            printf "%d,", (c == 1 ? (i == 5 ? 255 : i % 7) : \
                u() < .2 ? 0 : u() < .2 ? 255 : int(u() * 256))
            print int(2 * u()) }'
    by "one white pixel" "all columns,ok" outliers
}

@test "limits: labels and classes" {
    table 'print "x,y,label"; for (i = 0; i < 1000; i++) {
        k = i < 880 ? "a" : i < 980 ? "b" : "c"
        print (k == "a") + 3 * u() "," u() "," k }'
    by "forty-four times as many" "a,warn" imbalance
    table 'print "x,label,split"; for (i = 0; i < 20000; i++) { t = i % 2
        print u() "," (u() < (t ? .53 : .5)) "," (t ? "test" : "train") }'
    by "shares that differ a little" "all parts,warn" prior
    table 'print "x,y,label"; for (i = 0; i < 60; i++)
        print i * 7919 % 101 "," i * 37 % 89 "," i % 2; print "0,0,"'
    by "no label is no other label" "all rows,ok" conflicts
    table 'print "x,label,split"; for (p = 0; p < 3; p++)
        for (k = 0; k < 30; k++) for (i = 0; i < 4; i++)
            if (p != 1 || k % 2) print u() "," k "," p'
    assay check -q table.csv >all.csv
    expect_text "ten absent classes" 10 "$(grep -c '^absent' all.csv)"
    grep -q '^absent.*(15 classes in all)' all.csv
}

@test "limits: gaps" {
    table 'print "x,y,label,split"; for (i = 0; i < 6000; i++) { t = i % 2
        print (u() < (t ? .14 : .1) ? "" : u()) "," u() "," int(2 * u()) "," \
            (t ? "test" : "train") }'
    by "shares that differ a little" "all columns,ok" missing
    table 'printf "label"; for (c = 0; c < 200; c++) printf ",x%d", c; print ""
        for (i = 0; i < 120; i++) { l = i < 8 ? "a" : "b"; printf "%s", l
            for (c = 0; c < 200; c++) printf ",%s", (c == 9 ? l == "a" : u() < .1) ? "" : u()
            print "" }'
    by "a telling gap among many columns" "x9,fail" missingness
}

@test "limits: parts" {
    table 'print "x,y,z,w,label,split"
        for (i = 0; i < 1500; i++) { l[i] = u() "," u() "," u() "," u() "," int(2 * u())
            print l[i] "," (i < 600 ? "train" : "test") }
        for (i = 0; i < 20; i++) { split(l[i], c, ",")
            print c[1] "," c[2] "," c[3] "," u() "," c[5] ",test" }'
    by "a few near rows" "test,warn" near_leak
    table 'print "t,x,label,split"; for (i = 0; i < 400; i++)
        printf "u%d v%d w%d the of,%g,%d,%s\n", i, i, i, u(), i % 2, \
            (u() < .3 ? "test" : "train")'
    by "words that nobody shares" "all columns,ok" levels --type t=text
    table 'print "x,y,label,split"; for (i = 0; i < 800; i++) { t = i % 4 == 0
        print (u() < (t ? .5 : .05) ? "" : u()) "," u() "," int(2 * u()) "," \
            (t ? "test" : "train") }'
    expect_text "gaps that differ" "test: x,fail" \
        "$(found columns table.csv | cut -d' ' -f1-2)"
    table 'print "x,label,split,when"; for (i = 0; i < 500; i++)
        print i * 7919 % 101 "," i % 2 "," \
            (i < 400 || i == 450 ? "train" : "test") "," 1000 + i'
    by "one row that is late" "test,warn" time --time when
    table 'print "t,x,label,split"; for (i = 0; i < 200; i++)
        print (i < 150 ? "one" : "other " i % 3) "," u() "," i % 2 "," \
            (i < 150 ? "train" : "test")'
    assay check -q --type t=text table.csv >all.csv
    grep -q '^constant,t,.*one value in the training rows' all.csv
}

# A file of predictions.
of_predictions() {
    expect_text "$1" "$2 " "$(found "$3" --predictions table.csv)"
}

@test "limits: predictions" {
    table 'print "label,pred,p:a,p:b,p:c"; for (i = 0; i < 300; i++) {
        m = i % 10 < 7 ? .57 : .9; r = (1 - m) / 2; print "a,a," m "," r "," r }'
    of_predictions "some are surer" "p: columns,ok" softmax
    table 'print "split,label,pred"
        for (i = 0; i < 100; i++) { l[i] = int(4 * u()); p[i] = u() < .1 ? 0 : l[i] }
        for (s = 0; s < 2; s++) for (i = 0; i < 100; i++)
            print (s ? "test" : "train") "," l[i] "," p[i]'
    assay check -q --predictions table.csv >all.csv
    grep -q '^parts,.*,fail,.*written twice' all.csv
    table 'print "label,pred"; for (i = 0; i < 400; i++) {
        l = int(5 * u()); print l "," l % 2 }'
    of_predictions "two of five" "test,warn" collapse
    table 'print "label,pred"; for (i = 0; i < 300; i++) {
        l = int(2 * u()); print l "," (u() < .35 ? l : 1 - l) }'
    assay check -q --predictions table.csv >all.csv
    grep -q '^floor,.*worse than guessing' all.csv
}

# A log.
of_curve() {
    assay check -q --classes 10 --curve table.csv >all.csv
    grep -q "^$2,$3" all.csv || fail "$1" "$(cat all.csv)"
}

@test "limits: curves" {
    table 'print "epoch,loss"; for (e = 0; e < 20; e++)
        if (e != 7 && e != 8) print e "," 2 * exp(-e / 4) + .2'
    of_curve "two are missing" epochs '.*2 epochs are missing'
    table 'print "epoch,loss,val_loss,grad_norm,update_ratio"
        for (e = 0; e < 20; e++) print e "," 2 * exp(-e / 3) + .1 "," \
            (e < 12 ? 2 * exp(-e / 4) + .3 : .4 + .08 * (e - 11)) ",1,1"'
    of_curve "a run that stops by itself" overfitting 'validation,ok'
    table 'print "epoch,loss,lr"; for (e = 0; e < 20; e++) print e "," \
        2 * exp(-e / 4) + .3 + (e >= 10) * .8 "," (e < 10 ? .01 : .1)'
    of_curve "a rate that jumps" rate 'train,warn'
    table 'print "epoch,loss,error"; for (e = 0; e < 20; e++)
        print e "," 2 * exp(-e / 3) * .3 + .05 ",.5"'
    of_curve "an error that stays" error 'train,warn'
    table 'print "epoch,loss"; for (e = 0; e < 20; e++) print e "," .01 * exp(-e / 4)'
    of_curve "far below guessing" start 'train,warn'
    table 'print "epoch,loss"; for (e = 0; e < 20; e++) print e "," 12 * exp(-e / 2) + .2'
    of_curve "far above guessing" start 'train,warn'
    table 'print "epoch,loss,run"; for (r = 1; r <= 5; r++) for (e = 1; e <= 20; e++)
        print e "," (r == 3 ? .56 : .5 + .001 * r) + 2 * exp(-e / 3) "," r'
    of_curve "one a little worse" replicas 'all runs,ok'
    table 'print "epoch,loss,run"; for (r = 1; r <= 5; r++) for (e = 1; e <= 20; e++)
        print e "," (r == 3 ? 1.6 : .5 + .001 * r) + 2 * exp(-e / 3) "," r'
    of_curve "one much worse" replicas '.*,warn'
    table 'print "epoch,loss"; for (e = 0; e < 3000; e++) print e "," 2 * exp(-e / 1e4)'
    of_curve "a slow fall, many steps" course 'train,ok'
}

@test "limits: the view has every finding once" {
    table 'print "x,label"; for (i = 0; i < 60; i++) print i % 7 "," i % 2
        for (i = 0; i < 3; i++) print 99 + i ","'
    COLUMNS=60 assay check -q --view table.csv >out
    expect_text longest 1 "$(awk 'length > 60 { n++ } END { print n < 1 }' out)"
    expect_text warn 1 "$(grep -c '^warn       labels: all rows' out)"
    expect_text ok 1 "$(grep -c '^ok ' out)"
    expect_text once 1 "$(tr -s ' ,\n' '\n' <out | grep -cx classes)"
}
