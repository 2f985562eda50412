#!/bin/sh
# The manual's list of hyperparameters, from the table that `assay train
# --hyperparameters` shows: one mdoc entry each.  With a page as argument, puts
# the list in place of the one between its markers.
set -eu

list() {
    table=$(assay train --hyperparameters --csv -q)
    printf '%s\n' "$table" | awk '
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
        function sentence(text) {
            return toupper(substr(text, 1, 1)) substr(text, 2) "."
        }
        # A phrase that begins with a choice keeps it as it is written.
        function help(text, choices,    word) {
            word = text; sub(/ .*/, "", word)
            if (index(" " choices " ", " " word " ")) {
                print ".Cm " word
                print substr(text, length(word) + 2) "."
            } else
                print sentence(text)
        }
        # Arguments of a macro: "a , b , c", or "a , b or c".
        function words(text, joint,    n, i, word, all) {
            n = split(text, word, " ")
            all = word[1]
            for (i = 2; i <= n; i++)
                all = all (i == n && joint ? " No " joint " Cm " : " , ") word[i]
            return all
        }
        # "128; lenet 120,84": the default, and where it is another one.
        function fallback(text,    n, i, part, word) {
            n = split(text, part, "; ")
            print "The default is\n.Cm " part[1] (n > 1 ? " ;" : " .")
            for (i = 2; i <= n; i++) {
                split(part[i], word, " ")
                print "in\n.Cm " word[1]\
                    "\nit is\n.Cm " word[2] (i < n ? " ;" : " .")
            }
        }
        NR == 1 { next }
        {
            cells($0, f)
            option = f[1]; gsub("_", "-", option)
            if (f[9] != section) {
                if (section) print ".El"
                section = f[9]
                print ".Pp\n" section ":\n.Bl -tag -width Ds"
            }
            operand = f[2] == "widths" ? "N , Ns Ar N" : f[2] == "count" ? "N" \
                : f[2] == "choice" ? "NAME" : "X"
            print ".It Fl -" option " Ns = Ns Ar " operand
            help(f[8], f[6])
            if (f[2] == "choice")
                print "One of\n.Cm " words(f[6], "") " ."
            else
                print "From " f[3] " to " f[4] "."
            fallback(f[5])
            if (split(f[7], nets, " ") < 6)
                print "Of\n.Cm " words(f[7], "and") " ."
        }
        END { print ".El" }'
}

if [ $# -eq 0 ]; then
    list
    exit
fi
trap 'rm -f "$1.list" "$1.new"' EXIT
list > "$1.list"
awk -v list="$1.list" '
    /^\.\\" hyperparameters end/ { skip = 0 }
    !skip { print }
    /^\.\\" hyperparameters begin/ {
        skip = 1
        while ((getline line < list) > 0) print line
    }' "$1" > "$1.new"
mv "$1.new" "$1"
