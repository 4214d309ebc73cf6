# Makes the cache of classes and profiles with which an agent starts (JDK 25's AOT cache). Sourced; needs JAVA_HOME.
#
# Nothing depends on it: without a cache, or with one that does not fit the JDK or the jars, the JVM starts as ever.

TRAINING_SECONDS=60

# The options of an agent's JVM. The cache remembers the collector, so both runs use these.
# Serial: the heap is small, and the machine belongs to the guests.
AGENT_JVM="-Xmx512m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError"

# training_run <jars>: goes through an agent's work in a folder of its own and leaves <jars>/agent.aot, or nothing.
training_run() (
    training_jars=$1
    training_folder=$(mktemp -d) || return 0
    training_nbd=''
    trap 'training_end' EXIT
    trap 'exit 0' HUP INT TERM
    training_id=$(cat /proc/sys/kernel/random/uuid) || return 0
    "$JAVA_HOME/bin/keytool" -genkeypair -alias host -keyalg EC -groupname secp256r1 -dname CN=training \
        -ext "san=uri:urn:understudy:host:$training_id" -storetype PKCS12 -storepass training \
        -keystore "$training_folder/keys" || return 0
    set -- --folder "$training_folder" --key-store "$training_folder/keys" --key-store-password training
    if command -v qemu-nbd >/dev/null 2>&1; then
        head -c 48M /dev/urandom >"$training_folder/disk"
        qemu-nbd --read-only --format=raw --socket="$training_folder/nbd" --persistent "$training_folder/disk" &
        training_nbd=$!
        set -- "$@" --nbd "$training_folder/nbd"
    fi
    # shellcheck disable=SC2086 # the options are words
    timeout "$TRAINING_SECONDS" "$JAVA_HOME/bin/java" $AGENT_JVM --enable-native-access=ALL-UNNAMED \
        "-XX:AOTCacheOutput=$training_folder/agent.aot" -cp "$training_jars/*" org.understudy.agent.main.Main \
        train "$@" || true
    [ ! -s "$training_folder/agent.aot" ] || mv "$training_folder/agent.aot" "$training_jars/agent.aot"
)

training_end() {
    [ -z "$training_nbd" ] || kill "$training_nbd" 2>/dev/null || true
    rm -rf "$training_folder"
}
