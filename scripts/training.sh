# Makes the caches of classes and profiles with which agents and the command line start (JDK 25's AOT cache). Sourced;
# needs JAVA_HOME.
#
# Nothing depends on it: without a cache, or with one that does not fit the JDK or the jars, the JVM starts as ever.

TRAINING_SECONDS=60

# The options of the JVMs. A cache remembers the collector, so training and use have the same.
# Serial: the heap is small, and the machine belongs to the guests.
AGENT_JVM="-Xmx512m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError"
VAULT_JVM="-Xmx512m -XX:+ExitOnOutOfMemoryError"
# The second compiler would only slow a command that ends soon.
CLI_JVM="-Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"

# training_run <product>: leaves <product>/agent/agent.aot and <product>/cli/cli.aot, or less. In a folder of its own.
training_run() (
    training_product=$1
    training_folder=$(mktemp -d) || return 0
    training_nbd=''
    trap 'training_end' EXIT
    trap 'exit 0' HUP INT TERM
    training_key || return 0
    training_agent
    training_cli
)

# training_packaged <folder> <agent|cli>: leaves <folder>/<part>.aot, made with the runtime and the class path of a package
# that is being put together there; its java.options name the place where it will lie.
training_packaged() (
    training_folder=$(mktemp -d) || return 0
    training_nbd=''
    trap 'training_end' EXIT
    trap 'exit 1' HUP INT TERM
    training_place=$1
    training_key || return 0
    "training_$2"
)

# A key whose certificate signs itself and names a host.
training_key() {
    "$JAVA_HOME/bin/keytool" -genkeypair -alias host -keyalg EC -groupname secp256r1 -dname CN=training \
        -ext "san=uri:urn:understudy:host:$(cat /proc/sys/kernel/random/uuid)" -storetype PKCS12 -storepass training \
        -keystore "$training_folder/keys"
    "$JAVA_HOME/bin/keytool" -exportcert -rfc -alias host -storepass training -keystore "$training_folder/keys" \
        >"$training_folder/ca.pem"
    echo training >"$training_folder/token"
}

# Goes through an agent's work.
training_agent() {
    set -- --folder "$training_folder" --key-store "$training_folder/keys" --key-store-password training
    if command -v qemu-nbd >/dev/null 2>&1; then
        head -c 48M /dev/urandom >"$training_folder/disk"
        qemu-nbd --read-only --format=raw --socket="$training_folder/nbd" --persistent "$training_folder/disk" &
        training_nbd=$!
        set -- "$@" --nbd "$training_folder/nbd"
    fi
    training_record agent "$AGENT_JVM" org.understudy.agent.main.Main train "$@"
}

# Asks a vault that is not there: nobody answers at the port of the discard service.
training_cli() {
    training_record cli "$CLI_JVM" org.understudy.cli.Main item list --vault https://127.0.0.1:9 \
        --ca "$training_folder/ca.pem" --token-file "$training_folder/token"
}

# training_record <module> <options> <main> <argument>...
training_record() {
    training_part=$1
    training_cache=$training_folder/$1.aot
    training_options=$2
    shift 2
    training_java=$JAVA_HOME/bin/java
    training_jars=${training_place:-$training_product/$training_part}
    training_path=$training_jars/*
    if [ -n "${training_place:-}" ]; then
        training_java=$training_place/runtime/bin/java
        training_path=$(sed -n '/^-cp$/{n;p}' "$training_place/java.options" |
            sed "s|/usr/lib/understudy/$training_part/|$training_place/|g")
    fi
    # In the foreground: Ctrl-C is for the JVM as well.
    # shellcheck disable=SC2086 # the options are words
    timeout --foreground "$TRAINING_SECONDS" "$training_java" $training_options \
        --enable-native-access=ALL-UNNAMED "-XX:AOTCacheOutput=$training_cache" -cp "$training_path" "$@" || true
    [ ! -s "$training_cache" ] || mv "$training_cache" "$training_jars/"
}

training_end() {
    [ -z "$training_nbd" ] || kill "$training_nbd" 2>/dev/null || true
    rm -rf "$training_folder"
}
