# code.awk -- C source without its comments and the insides of its literals, of
# any number of files, as "FILE<TAB>LINE<TAB>TEXT".
#
# A comment becomes one space; "text" becomes "", 'c' becomes ''.

function strip(line,    out, i, n, c, two) {
    # Most lines are no work.
    if (state == "" && line !~ /[\/"']/)
        return line
    if (state == "comment" && !index(line, "*/"))
        return ""
    out = ""
    n = length(line)
    for (i = 1; i <= n; i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (state == "comment") {
            if (two == "*/") {
                state = ""
                out = out " "
                i++
            }
        } else if (state != "") {       # inside a literal; state is its quote
            if (c == "\\") {
                i++
            } else if (c == state) {
                out = out c
                state = ""
            }
        } else if (two == "//") {
            break
        } else if (two == "/*") {
            state = "comment"
            i++
        } else {
            if (c == "\"" || c == "'")
                state = c
            out = out c
        }
    }
    if (state != "comment" && substr(line, n, 1) != "\\")
        state = ""                      # a literal ends with its line
    return out
}

FNR == 1 { state = "" }
{ print FILENAME "\t" FNR "\t" strip($0) }
