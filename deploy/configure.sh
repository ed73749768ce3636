#!/bin/sh
# Fills the two settings into a copy of the build, for hosts that cannot do so themselves:
#
#     configure.sh <dist> <api-base> [<api-key>]
#
# <api-base>  the API's origin, with a path prefix perhaps: https://api.example.com; empty for the page's own origin
# <api-key>   the API key, which whoever opens the page can then read. Without this argument it is taken from the variable
#             INDEE_API_KEY, which, unlike an argument, other users of the machine cannot see. Empty for none.
#
# Changes index.html, makes its compressed copies anew (brotli only where that program is there), and lets the policy in
# _headers connect to the API. Can be run again, with other values.
set -eu
LC_ALL=C
export LC_ALL

fail() {
    echo "configure.sh: $1" >&2
    exit 1
}

[ $# -eq 2 ] || [ $# -eq 3 ] || fail "usage: configure.sh <dist> <api-base> [<api-key>]"
dist=$1
API_BASE=$2
API_KEY=${3-${INDEE_API_KEY-}}
page=$dist/index.html
[ -f "$page" ] && [ -f "$dist/_headers" ] || fail "$dist has no index.html and _headers: is it a release build?"

# What is refused here the app would refuse as well (bad_config), or could end an attribute, a directive or a line.
case $API_BASE in
    '') ;;
    *[!A-Za-z0-9._~:/%\[\]-]*) fail "the API's base holds a character that does not belong there" ;;
    https://[!/]* | http://[!/]*) ;;
    *) fail "the API's base has to begin with https:// (or http://)" ;;
esac
case $API_KEY in
    *[!!-~]*) fail "the API key may hold visible ASCII only" ;;
    *[\"\'\\\<\>]*) fail "the API key may not hold quotes, backslashes or angle brackets" ;;
esac

origin=
if [ -n "$API_BASE" ]; then
    host=${API_BASE#*://}
    origin=" ${API_BASE%%://*}://${host%%/*}"
fi
API_KEY=$(printf '%s' "$API_KEY" | sed 's/&/\&amp;/g')
export API_BASE API_KEY

# By comparison, not by patterns: whatever a value holds, it is only ever text. Each setting has to be there once.
fill='
function set_content(name, value,    start, at, rest, end) {
    start = "<meta name=\"" name "\" content=\""
    at = index($0, start)
    if (at == 0) return
    rest = substr($0, at + length(start))
    end = index(rest, "\"")
    if (end == 0) return
    $0 = substr($0, 1, at - 1) start value substr(rest, end)
    found[name]++
}
{
    set_content("indee-api-base", ENVIRON["API_BASE"])
    set_content("indee-api-key", ENVIRON["API_KEY"])
    print
}
END { exit !(found["indee-api-base"] == 1 && found["indee-api-key"] == 1) }'

new=$(mktemp "$dist/.configure.XXXXXX")
trap 'rm -f "$new"' EXIT
awk "$fill" "$page" >"$new" || fail "index.html does not have each setting once"
cat "$new" >"$page"
sed "s|connect-src 'self'[^;]*;|connect-src 'self'$origin;|" "$dist/_headers" >"$new"
cat "$new" >"$dist/_headers"

# Never an old copy beside a new page.
rm -f "$page.gz" "$page.br"
gzip -9 -n -c "$page" >"$page.gz"
if command -v brotli >/dev/null 2>&1; then
    brotli --best --stdout "$page" >"$page.br"
fi
