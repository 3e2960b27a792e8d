# Comes before each block of the examples: what is run as it stands but for `edgeocr serve`, which would go on for ever, and
# what takes hours, a daemon, a cluster or root, of which only that is checked what can be.

# A server has to say that it serves, on a free port; then it ends.
edgeocr() {
    if [ "$1" != serve ] || [ "$2" = --help ]; then
        command edgeocr "$@"
        return
    fi
    local log pid
    log=$(mktemp)
    EDGEOCR_LISTEN=127.0.0.1:0 EDGEOCR_METRICS=off command edgeocr "${@//:[0-9]*/:0}" 2> "$log" &
    pid=$!
    timeout 30 tail --pid=$pid --follow --lines=+1 "$log" | grep --quiet --max-count=1 'serving on' || { cat "$log" >&2; kill $pid; return 1; }
    kill $pid
    wait $pid
}

# The target has to be there.
make() { command make --dry-run --directory "$PROJECT" "$@" > /dev/null; }

# The extras have to be there.
pip() { python "$PROJECT/tests/docs/extras.py" "$@"; }
pipx() { :; }
apt-get() { :; }

# Files of the project that are named have to be there.
_named() {
    local word
    for word in "$@"; do
        case $word in deploy/* | docs/* | Dockerfile*) [ -e "$PROJECT/$word" ] || { echo "there is no $word" >&2; return 1; } ;; esac
    done
}
docker() { _named "$@"; }
kubectl() { _named "$@"; }
systemctl() { :; }

# A module has to be there, where it takes hours or what trains.
python() {
    case $1 in
        -m) command python -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)' "$2" ;;
        *) command python "$@" ;;
    esac
}
