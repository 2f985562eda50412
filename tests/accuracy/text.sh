#!/bin/sh
# Is mlp over n-grams as good as what a user would pick instead?  For each set
# of texts a row of CSV: the accuracy of mlp, of fastText and of TF-IDF +
# logistic regression over the same five folds, and McNemar's exact tests.
#
#     text.sh [FOLDER [SET...]]        FOLDER with the data (../shared/data)
#
# Needs Debian's fasttext, python3-sklearn and python3-pandas, and assay in
# the PATH (or its folder in ASSAY_BIN).  Minutes on two cores.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${1:-$here/../../../shared/data}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- bl_genre_books sms_spam names_nationality tate_noturner
PATH=${ASSAY_BIN:-$here/../../.build/bin}:$PATH
# Without it OpenBLAS takes a slow kernel where it does not know the CPU.
export OPENBLAS_CORETYPE="${OPENBLAS_CORETYPE:-SkylakeX}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# $1: the set, $2: its label, $3: its columns of text; then options of train
compare() {
    name=$1 label=$2 columns=$3 file=$data/$1.csv.gz
    shift 3
    assay train -q --folds 5 --predict --label "$label" \
        --features "$columns" "$@" "$file" > "$work/predictions.csv"
    /usr/bin/python3 "$here/text_peers.py" "$name" "$file" "$label" \
        "$columns" "$work/predictions.csv"
}

echo data,rows,mlp,fasttext,tfidf,b_fasttext,c_fasttext,p_fasttext,b_tfidf,c_tfidf,p_tfidf
for name; do
    case $name in
    bl_genre_books) compare "$name" genre title ;;
    sms_spam) compare "$name" label text ;;
    names_nationality) compare "$name" nationality name --ngrams char=1-4 ;;
    tate_noturner) compare "$name" classification title,artist,credit_line ;;
    *) echo "text.sh: no such set: '$name'" >&2 && exit 2 ;;
    esac
done
