# Finds a JDK 25 or newer and exports JAVA_HOME. Sourced by ./understudy and ./dev; POSIX sh, no output when all is well.
#
# Order: JAVA_HOME, the java on PATH, /usr/lib/jvm, SDKMAN. `java_find` installs nothing, whatever is missing. `jdk_require`
# is for what builds, `demo` and `dev`: when none will do and we are root on a Debian or Ubuntu that offers one, it is
# installed, and that is said first. Otherwise what is missing is named, exit 1. Needs no HOME.

JDK_FEATURE=25
# What must be in its bin: javac where something is built, java where a build is run.
JDK_PROGRAM=javac

# The feature version of the JDK at $1, or 0. Read from its release file: starting a JVM to ask would cost 50 ms.
jdk_feature() {
    [ -x "$1/bin/$JDK_PROGRAM" ] && [ -r "$1/release" ] || { echo 0; return; }
    jdk_version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    echo "${jdk_version:-0}"
}

jdk_suits() {
    [ -n "$1" ] && [ "$(jdk_feature "$1")" -ge "$JDK_FEATURE" ]
}

# Prints the first JDK that suits; fails when there is none.
jdk_search() {
    jdk_on_path=$(command -v java 2>/dev/null || true)
    [ -z "$jdk_on_path" ] || jdk_on_path=$(dirname "$(dirname "$(readlink -f "$jdk_on_path")")")
    for jdk_candidate in "${JAVA_HOME:-}" "$jdk_on_path" /usr/lib/jvm/*/ \
        "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/*/; do
        jdk_candidate=${jdk_candidate%/}
        if jdk_suits "$jdk_candidate"; then
            printf '%s\n' "$jdk_candidate"
            return 0
        fi
    done
    return 1
}

# The package that this machine's configured repositories offer, or nothing.
jdk_package() {
    for jdk_offer in "openjdk-$JDK_FEATURE-jdk-headless" "temurin-$JDK_FEATURE-jdk"; do
        if apt-cache show "$jdk_offer" >/dev/null 2>&1; then
            printf '%s\n' "$jdk_offer"
            return 0
        fi
    done
    return 1
}

jdk_install() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    if ! jdk_package >/dev/null; then
        echo "understudy: no JDK $JDK_FEATURE here; asking this machine's package repositories for one" >&2
        apt-get update >&2 || return 1
    fi
    jdk_found_package=$(jdk_package) || return 1
    echo "understudy: no JDK $JDK_FEATURE here; installing $jdk_found_package" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$jdk_found_package" >&2
}

jdk_explain() {
    cat >&2 <<END
understudy: a JDK $JDK_FEATURE or newer is missing.
  Looked at JAVA_HOME (${JAVA_HOME:-not set}), the java on PATH (${jdk_on_path:-none}), /usr/lib/jvm and SDKMAN.
  Debian 13, recent Ubuntu:   sudo apt-get update && sudo apt-get install openjdk-$JDK_FEATURE-jdk-headless
  Where that is not offered:  add the repository described at https://adoptium.net/installation/linux, then
                              sudo apt-get install temurin-$JDK_FEATURE-jdk
  Anywhere:                   unpack a JDK $JDK_FEATURE and set JAVA_HOME to its folder
END
}

jdk_require() {
    if ! jdk_home=$(jdk_search); then
        jdk_install || true
        jdk_home=$(jdk_search) || { jdk_search >/dev/null || jdk_explain; exit 1; }
    fi
    JAVA_HOME=$jdk_home
    export JAVA_HOME
}

# For running what is built: exports JAVA_HOME, or says what is missing and fails.
java_find() {
    JDK_PROGRAM=java
    if ! jdk_home=$(jdk_search); then
        jdk_search >/dev/null || jdk_explain
        return 1
    fi
    JAVA_HOME=$jdk_home
    export JAVA_HOME
}
