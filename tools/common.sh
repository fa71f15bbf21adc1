# tools/common.sh: what the tools share; sourced by each. Sets `root`, the checkout, and goes there.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say()
{
	printf '%s\n' "$*"
}

die()
{
	printf '%s: %s\n' "tools/${0##*/}" "$*" >&2
	exit 1
}

# quietly WHAT COMMAND...: runs it, and shows what it printed only when it fails.
quietly()
{
	local what=$1 log
	shift
	log=$(mktemp)
	if ! "$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		rm -f "$log"
		die "$what failed; what it printed is above"
	fi
	rm -f "$log"
}

# configure FOLDER OPTION...: makes the build folder what the options say, and does nothing when it is that already. The unit
# tests are part of it once cmocka is there (tools/setup --tests).
configure()
{
	local folder=$1 tests=disabled wanted
	shift
	if pkg-config --exists cmocka; then
		tests=enabled
	fi
	set -- "$@" "-Dtests=$tests" "-Dduckdb=$(duckdb_folder)"
	wanted="$root $*"
	if [ "$(cat "$folder/.pawl-options" 2>/dev/null)" = "$wanted" ]; then
		return
	fi
	if [ -f "$folder/.pawl-options" ] && meson setup --reconfigure "$folder" "$@" >/dev/null 2>&1; then
		:
	else
		rm -rf "$folder"
		quietly "configuring '$folder'" meson setup "$folder" "$@"
	fi
	say "$wanted" >"$folder/.pawl-options"
}

# configure_standard build|build-debug: the two builds that people and suites use; build-debug is what the tests break.
configure_standard()
{
	case $1 in
	build) configure build -Dbuildtype=release ;;
	build-debug) configure build-debug -Dbuildtype=debug -Db_sanitize=address,undefined -Dtest_hooks=true ;;
	esac
}

# The folder that holds libduckdb.so and duckdb.h: PAWL_DUCKDB, or the one that tools/setup fills.
duckdb_folder()
{
	if [ -n "${PAWL_DUCKDB:-}" ]; then
		realpath "$PAWL_DUCKDB"
	else
		say .deps/duckdb
	fi
}

# build FOLDER TARGET...: compiles; all of it when no target is named.
build()
{
	local folder=$1
	shift
	quietly "building '$folder'" ninja -C "$folder" "$@"
}
