#!/bin/sh
# The manual's list of hyperparameters, from the table that `assay train
# --hyperparameters` shows: one mdoc entry each.  With a page as argument, puts
# the list in place of the one between its markers.
set -eu

list() {
    assay train --hyperparameters --csv -q | awk '
        # The cells of a CSV record without quotes or line ends in quotes.
        function cells(line, to,    n, at, c, quoted) {
            n = 1; to[1] = ""; quoted = 0
            for (at = 1; at <= length(line); at++) {
                c = substr(line, at, 1)
                if (c == "\"") quoted = !quoted
                else if (c == "," && !quoted) to[++n] = ""
                else to[n] = to[n] c
            }
        }
        NR == 1 { next }
        {
            cells($0, f)
            name = f[1]; gsub("_", "-", name)
            if (f[9] != section) {
                if (section) print ".El"
                section = f[9]
                print ".Pp\n" section ":\n.Bl -tag -width Ds"
            }
            operand = f[2] == "widths" ? "N , Ns Ar N" : f[2] == "count" ? "N" \
                : f[2] == "choice" ? "NAME" : "X"
            print ".It Fl -" name " Ns = Ns Ar " operand
            print toupper(substr(f[8], 1, 1)) substr(f[8], 2) "."
            if (f[2] == "choice") {
                n = split(f[6], word, " ")
                print "One of"
                for (i = 1; i <= n; i++)
                    print ".Cm " word[i] (i < n ? " ," : " ;")
            } else
                print f[3] " to " f[4] ";"
            print "the default is\n.Cm " f[5] " ."
            print ".Pq " f[7]
        }
        END { print ".El" }'
}

if [ $# -eq 0 ]; then
    list
    exit
fi
list > "$1.list"
awk -v list="$1.list" '
    /^\.\\" hyperparameters end/ { skip = 0 }
    !skip { print }
    /^\.\\" hyperparameters begin/ {
        skip = 1
        while ((getline line < list) > 0) print line
    }' "$1" > "$1.new"
rm "$1.list"
mv "$1.new" "$1"
