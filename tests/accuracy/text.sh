#!/bin/sh
# Is mlp over n-grams as good as what a user would pick instead?  For each set
# of texts a row of CSV: the accuracy of mlp, of fastText and of TF-IDF +
# logistic regression over the same five folds, and McNemar's exact tests.
# Exits 1 if a peer is better than mlp (p < .05).
#
#     text.sh FOLDER [SET...]        FOLDER with the data
#
# SEED=2 in the environment makes other folds.  Needs Debian's fasttext,
# python3-sklearn and python3-pandas.  Minutes on two cores.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=$1
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- bl_genre_books sms_spam names_nationality tate_noturner
assay=${ASSAY_BIN:-$here/../../.build/bin}/assay
# Without it OpenBLAS takes a slow kernel where it does not know the CPU.
export OPENBLAS_CORETYPE="${OPENBLAS_CORETYPE:-SkylakeX}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
worse=0

# $1: the set, $2: its label, $3: its columns of text; then options of train.
# Several columns are one text for all three, as the peers need it.
compare() {
    name=$1 label=$2 columns=$3
    shift 3
    /usr/bin/python3 "$here/text_peers.py" join "$data/$name.csv.gz" \
        "$label" "$columns" > "$work/data.csv"
    "$assay" train -q --seed "${SEED:-1}" --folds 5 --predict --label label \
        --features text --type text=text "$@" "$work/data.csv" \
        > "$work/predictions.csv"
    /usr/bin/python3 "$here/text_peers.py" compare "$name" "$work/data.csv" \
        "$work/predictions.csv" || worse=1
}

echo data,rows,mlp,fasttext,tfidf,b_fasttext,c_fasttext,p_fasttext,b_tfidf,c_tfidf,p_tfidf
for name; do
    case $name in
    bl_genre_books) compare "$name" genre title ;;
    sms_spam) compare "$name" label text ;;
    names_nationality) compare "$name" nationality name --ngrams char=1-4 ;;
    # Many rows and long runs of words in common (credit lines): longer
    # n-grams, and all rows for a fixed number of epochs, as the peers do.
    tate_noturner)
        compare "$name" classification title,artist,credit_line \
            --ngrams word=1-3 --stop-on none --epochs 8 --schedule cosine \
            --label-smoothing .1
        ;;
    *)
        echo "text.sh: no such set: '$name'" >&2
        exit 2
        ;;
    esac
done
exit "$worse"
