#!/bin/sh
# make.sh: makes the six recorded situations: predictions of real runs of assay
# on data that is made to be hard in one known way, and what was tried: the
# model itself, or a row of its hyperparameters.
#
#   underfit   classes in the corners of a square, and a linear model
#   overfit    200 rows, 30 columns of which 2 matter, and a wide network that
#              is trained to the end
#   shifted    the rows of testval and test lie elsewhere
#   val-overfit  the network was trained on the validation rows too
#   noise      one label in ten is wrong, and the model finds the rest
#   few        as overfit, but 40 rows each to validate and test with
#
# Run from this folder, with assay on the PATH.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# rows NAME N COLUMNS SEED: classes a and b; NAME says what makes them.
rows() {
    awk -v name="$1" -v n="$2" -v columns="$3" -v seed="$4" '
        function uniform() { # a generator of our own: each awk has another
            seed = (seed * 16807) % 2147483647
            return seed / 2147483647
        }
        function normal() {
            return sqrt(-2 * log(uniform())) * cos(6.283185307 * uniform())
        }
        BEGIN {
            for (c = 1; c <= columns; c++) printf "x%d,", c
            print "label"
            for (i = 1; i <= n; i++) {
                for (c = 1; c <= columns; c++) x[c] = normal()
                if (name == "corners") b = x[1] * x[2] > 0
                else b = x[1] + x[2] > 0
                if (name == "moved") { x[1] += 1.5; x[2] += .5 }
                if (name == "noisy") {
                    x[1] += b ? 2 : -2
                    if (uniform() < .1) b = !b
                }
                if (name == "wide" && uniform() < .1) b = !b
                for (c = 1; c <= columns; c++) printf "%.3f,", x[c]
                print b ? "b" : "a"
            }
        }'
}

# record NAME OPTIONS...: predictions of data.csv, and the row of what was set.
record() {
    name=$1
    shift
    assay train -q "$@" --predict "$work/data.csv" |
        cut -d, -f1-4 | gzip -9n >"$name.csv.gz"
}

tried() {
    printf '%s\n' "$2" "$3" >"$1.tried.csv"
}

rows corners 2000 2 1 | assay split -q --label label >"$work/data.csv"
record underfit --net linear --epochs 20 -m underfit.model

rows wide 500 30 2 | assay split -q --label label \
    --parts train=.4,val=.3,test=.3 >"$work/data.csv"
record overfit --hidden 64 --epochs 200 --stop-on none --learning-rate 0.003 \
    --dropout 0.3 -m overfit.model

rows plain 2000 2 3 >"$work/here.csv"
rows moved 1000 2 4 >"$work/there.csv"
assay split -q --label label --target "$work/there.csv" \
    --parts train=.8,trainval=.2,testval=.5,test=.5 "$work/here.csv" \
    >"$work/data.csv"
record shifted --net mlp --hidden 16 --epochs 40 --stop-on trainval
tried shifted net,hidden,epochs mlp,16,40

rows wide 800 30 5 | assay split -q --label label \
    --parts train=.3,val=.3,test=.4 >"$work/data.csv"
record val-overfit --on train,val --hidden 256 --epochs 200 --stop-on none \
    --learning-rate 0.001
tried val-overfit net,hidden,epochs,learning_rate mlp,256,200,0.001

rows noisy 4000 2 6 | assay split -q --label label \
    --parts train=.5,val=.25,test=.25 >"$work/data.csv"
record noise --net linear --epochs 30
tried noise net,epochs linear,30

rows plain 160 4 7 | assay split -q --label label \
    --parts train=.5,val=.25,test=.25 >"$work/data.csv"
record few --hidden 16 --epochs 60 --learning-rate 0.003
tried few net,hidden,epochs,learning_rate mlp,16,60,0.003
