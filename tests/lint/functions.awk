# functions.awk -- the functions of C files, as "FILE LINE NAME LINES PARAMETERS".
#
# Reads what code.awk prints.  Relies on the house style: a function's braces
# stand alone in column 0, and nothing else opens one there.  LINES goes from
# the first line of the signature to the closing brace.  A brace that ends the
# line of a signature is printed as "FILE LINE NAME style 0".

# Commas of the outermost parentheses of a signature, plus one; (void) has none.
function parameters(text,    i, c, depth, n, inner) {
    n = 1
    for (i = index(text, "("); i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "(")
            depth++
        else if (c == ")" && --depth == 0)
            break
        else if (c == "," && depth == 1)
            n++
        if (depth > 0 && !(c == "(" && depth == 1))
            inner = inner c
    }
    gsub(/[ \t]/, "", inner)
    return inner == "" || inner == "void" ? 0 : n
}

function name_of(text) {
    sub(/[ \t]*\(.*/, "", text)
    sub(/.*[^A-Za-z0-9_]/, "", text)
    return text
}

{
    file = $1
    line = $2
    sub(/^[^\t]*\t[0-9]+\t/, "")
}
line == 1 { signature = ""; opened = 0 }

/^[A-Za-z_].*\).*\{[ \t]*$/ && !/=/ && !/^(struct|union|enum)[^(]*\{/ {
    print file, line, name_of($0), "style", 0
}

/^\{/ && signature != "" {
    opened = start
    what = signature
}

/^\}/ && opened {
    print file, opened, name_of(what), line - opened + 1, parameters(what)
    opened = 0
}

# A signature begins in column 0 and goes on until a line ends the thought.
/^[A-Za-z_]/ && signature == "" {
    start = line
}
/^[ \t]*$/ || /^[#{}]/ || /;[ \t]*$/ {
    signature = ""
    next
}
/^[A-Za-z_]/ || signature != "" {
    signature = signature " " $0
}
