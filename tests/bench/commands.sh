#!/bin/sh
# Seconds of whole commands, the best of five runs each, as CSV:
#
#     what,threads,seconds,rows,rows_per_second,megabytes_per_second
#
#     commands.sh [IMAGES]        IMAGES: Fashion-MNIST, train and test, made
#                                 by `assay pair --idx --stamp split=PART` as
#                                 tests/accuracy/networks.sh does; gzip or not
#
# Run it on an idle machine; compare two versions in one sitting.  Where
# Python with scikit-learn is installed, the peer's time follows.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
images=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
books=$here/data/bl_genre_books.csv.gz
runs=5

now() {
    date +%s%N
}

# $1: name, $2: threads, $3: rows, $4: bytes; the rest: the command
measure() {
    what=$1 threads=$2 n=$3 size=$4
    shift 4
    best=
    for _ in $(seq $runs); do
        start=$(now)
        OMP_NUM_THREADS=$threads "$@" > /dev/null
        took=$(($(now) - start))
        if [ -z "$best" ] || [ "$took" -lt "$best" ]; then
            best=$took
        fi
    done
    awk -v w="$what" -v t="$threads" -v ns="$best" -v n="$n" -v b="$size" \
        'BEGIN { s = ns / 1e9
            printf "%s,%s,%.3f,%d,%.0f,%.1f\n", w, t, s, n, n / s, b / s / 1e6 }'
}

# The books a hundred times over.
gzip -cd "$books" | awk 'NR == 1 { print; next } { row[NR] = $0 }
    END { for (k = 0; k < 100; k++) for (i = 2; i <= NR; i++) print row[i] }' \
    > "$work/many.csv"
rows=$(($(gzip -cd "$books" | assay split -q | tail -n 1 | awk -F, '{ print $(NF - 1) }') * 100))
bytes=$(wc -c < "$work/many.csv")
assay split -q --label genre "$books" -o "$work/split.csv"
assay train -q --label genre --features title -m "$work/model" \
    "$work/split.csv" > /dev/null
assay eval -q -m "$work/model" --probs "$work/many.csv" > "$work/pred.csv"
pred_bytes=$(wc -c < "$work/pred.csv")

echo what,threads,seconds,rows,rows_per_second,megabytes_per_second
measure split-hash 1 "$rows" "$bytes" assay split -q --hash title "$work/many.csv"
measure split-stratified 1 "$rows" "$bytes" assay split -q --label genre "$work/many.csv"
for threads in 1 2; do
    measure eval "$threads" "$rows" "$bytes" \
        assay eval -q -m "$work/model" "$work/many.csv"
    measure train-folds "$threads" 1744 "$(gzip -cd "$books" | wc -c)" \
        assay train -q --label genre --features title --folds 5 --predict "$books"
done
measure metrics 1 "$rows" "$pred_bytes" assay eval -q --metrics "$work/pred.csv"
measure decompose 1 "$rows" "$pred_bytes" assay decompose -q "$work/pred.csv"
measure confuse 1 "$rows" "$pred_bytes" assay confuse -q "$work/pred.csv"
measure label-issues 1 "$rows" "$pred_bytes" \
    assay confuse -q --label-issues --out-of-fold "$work/pred.csv"

# Five epochs over 60,000 images, from the file to the model.
if [ -n "$images" ]; then
    n=$(gzip -cdf "$images" | tail -n +2 | wc -l)
    size=$(gzip -cdf "$images" | wc -c)
    runs=3
    measure train-images 2 "$n" "$size" assay train -q --net mlp \
        --shape 28x28x1 --epochs 5 --label label -m "$work/images" "$images"
    for python in /usr/bin/python3 python3; do
        if "$python" -c 'import torch, pandas' 2> /dev/null; then
            measure peer-train-images 2 "$n" "$size" \
                "$python" "$here/bench/peer_train.py" "$images"
            break
        fi
    done
    runs=5
fi

for python in /usr/bin/python3 python3; do
    if "$python" -c 'import sklearn, pandas' 2> /dev/null; then
        cat > "$work/peer.py" <<'EOF'
import sys
import pandas
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline

books = pandas.read_csv(sys.argv[1])
model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)),
                      LogisticRegression(C=30, max_iter=500))
folds = StratifiedKFold(5, shuffle=True, random_state=0)
print(cross_val_score(model, books.title, books.genre, cv=folds).mean())
EOF
        measure peer-tfidf-logistic-folds 2 1744 "$(gzip -cd "$books" | wc -c)" \
            "$python" "$work/peer.py" "$books"
        break
    fi
done
