#!/bin/sh
# IDX files (MNIST and its like) as CSV: a column `split`, one a pixel, and the
# label last.
#
#   sh tests/idx.sh [SPLIT IMAGES LABELS]... > data.csv
set -eu

# The bytes of $1 behind a header of $2, $3 of them a line, as numbers.
bytes() {
    gzip -cdf "$1" | tail -c +"$(($2 + 1))" | od -An -v -tu1 -w"$3" |
        sed 's/^ *//; s/ \{1,\}/,/g'
}

# The number at byte $2 of $1, big-endian.
number() {
    gzip -cdf "$1" | head -c $(($2 + 4)) | tail -c 4 | od -An -tu1 |
        awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }'
}

header=
while [ $# -ge 3 ]; do
    images=$(number "$2" 4)
    pixels=$(($(number "$2" 8) * $(number "$2" 12)))
    if [ "$(number "$3" 4)" -ne "$images" ]; then
        echo "idx.sh: $2 and $3 do not have the same number of items" >&2
        exit 1
    fi
    if [ -z "$header" ]; then
        header=$(awk -v n="$pixels" 'BEGIN {
            printf "split"
            for (i = 1; i <= n; i++) printf ",p%d", i
            print ",label" }')
        echo "$header"
    fi
    bytes "$3" 8 1 > "${TMPDIR:-/tmp}/idx.$$"
    bytes "$2" 16 "$pixels" | paste -d, - "${TMPDIR:-/tmp}/idx.$$" |
        sed "s/^/$1,/"
    rm "${TMPDIR:-/tmp}/idx.$$"
    shift 3
done
