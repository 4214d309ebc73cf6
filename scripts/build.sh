# Builds what the launchers run, once, and again only when a source is newer. Sourced; needs UNDERSTUDY_HOME, JAVA_HOME.
#
#   dist/product/{vault,agent,cli,lab}/*.jar     dist/bench/bench/*.jar     dist/product/{agent,cli}/*.aot
#
# dist/<name> is a link to a folder in dist/builds that never changes after it was linked: a build replaces the link
# and leaves the jars of running processes alone. The build before the present one is kept for them.

# Maven, quiet about downloads and never waiting for a keyboard.
maven() {
    (cd "$UNDERSTUDY_HOME" && exec ./mvnw --batch-mode --no-transfer-progress "$@")
}

# Succeeds when dist/$1 exists and no source is newer than it. A folder counts too: a deleted file makes it newer.
build_is_fresh() {
    build_mark=$UNDERSTUDY_HOME/dist/$1/built
    [ -e "$build_mark" ] || return 1
    build_newer=$(cd "$UNDERSTUDY_HOME" && find pom.xml scripts/build.sh scripts/training.sh */pom.xml */src/main \
        -newer "$build_mark" -not -path 'acceptance/*' -not -path 'simulation/*' -print -quit 2>/dev/null)
    [ -z "$build_newer" ]
}

# build_modules <name> <module>...: packages the modules and links dist/<name> to a folder of jars for each.
build_modules() {
    build_name=$1
    shift
    build_target=$(mktemp -d "$UNDERSTUDY_HOME/dist/builds/$build_name-$(date -u +%Y%m%dT%H%M%SZ)-XXXX") || return 1
    # Ctrl-C during the build; this runs in a shell of its own, so the trap ends with it.
    trap 'rm -rf "$build_target"; exit 130' INT TERM HUP
    chmod 755 "$build_target"
    touch "$build_target/built" # before the compiler reads: a source saved during the build is newer
    build_list=$(echo "$@" | tr ' ' ',')
    if ! maven -q -pl "$build_list" -am -Dmaven.test.skip=true package dependency:build-classpath \
        -Dmdep.outputFile=target/classpath -DincludeScope=runtime >"$UNDERSTUDY_HOME/dist/build.log" 2>&1; then
        rm -rf "$build_target"
        return 1
    fi
    for build_module in "$@"; do
        mkdir "$build_target/$build_module" || return 1
        tr ':' '\n' <"$UNDERSTUDY_HOME/$build_module/target/classpath" | while read -r build_jar || [ -n "$build_jar" ]; do
            cp "$build_jar" "$build_target/$build_module/" || exit 1
        done || return 1
        cp "$UNDERSTUDY_HOME/$build_module/target/understudy-$build_module"-*.jar "$build_target/$build_module/" || return 1
    done
    [ ! -d "$build_target/agent" ] || training_run "$build_target" >>"$UNDERSTUDY_HOME/dist/build.log" 2>&1
    trap - INT TERM HUP
    # The link is never absent, others start through it at this moment: made beside, renamed over.
    ln -s "builds/$(basename "$build_target")" "$UNDERSTUDY_HOME/dist/.$build_name.$$" &&
        mv -T "$UNDERSTUDY_HOME/dist/.$build_name.$$" "$UNDERSTUDY_HOME/dist/$build_name" || return 1
    # shellcheck disable=SC2012 # the names are ours
    ls -1dt "$UNDERSTUDY_HOME/dist/builds/$build_name"-* | tail -n +3 | xargs -r rm -rf
}

# build_find <name>: succeeds when there is a build to run, and says in one line when a source is newer than it. Builds
# nothing. UNDERSTUDY_NO_BUILD=1 spares the look at the sources.
build_find() {
    [ -e "$UNDERSTUDY_HOME/dist/$1/built" ] || return 1
    [ -n "${UNDERSTUDY_NO_BUILD:-}" ] || build_is_fresh "$1" ||
        echo "understudy: sources are newer than this build, which runs as it is; ./dev build makes it anew" >&2
}

# build_require <name> <module>...: builds if needed; several may ask at once, one builds, the others wait for it.
build_require() {
    [ -n "${UNDERSTUDY_NO_BUILD:-}" ] && [ -e "$UNDERSTUDY_HOME/dist/$1/built" ] && return 0
    build_is_fresh "$1" && return 0
    mkdir -p "$UNDERSTUDY_HOME/dist/builds" || exit 1
    (
        flock 9
        build_is_fresh "$1" && exit 0
        echo "understudy: building $1 (about a minute the first time; log: dist/build.log)" >&2
        if ! build_modules "$@"; then
            echo "understudy: the build failed; the end of $UNDERSTUDY_HOME/dist/build.log:" >&2
            tail -n 30 "$UNDERSTUDY_HOME/dist/build.log" >&2
            exit 1
        fi
    ) 9>"$UNDERSTUDY_HOME/dist/.lock" || exit 1
}
