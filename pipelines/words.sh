# shellcheck shell=sh disable=SC2034,SC2016 # of who sources this; awk's dollars
# words.sh: how scripts write words for the shell, and read a record of CSV.  To
# be sourced; then `quoted` is a function, and $csv_cut one for awk.

quoted() { # the words as the shell reads them
    for word; do
        printf " '%s'" "$(printf '%s\n' "$word" | sed "s/'/'\\\\''/g")"
    done
}

csv_cut='
# Cuts a CSV record into cell[1..n]; n, or 0 where a quote is left open.
function cut(record, cell,    n, c, i, quoted) {
    split("", cell)
    n = 1
    cell[1] = ""
    for (i = 1; i <= length(record); i++) {
        c = substr(record, i, 1)
        if (c == "\"" && quoted && substr(record, i + 1, 1) == "\"") {
            cell[n] = cell[n] c
            i++
        } else if (c == "\"")
            quoted = !quoted
        else if (c == "," && !quoted)
            cell[++n] = ""
        else
            cell[n] = cell[n] c
    }
    return quoted ? 0 : n
}'
