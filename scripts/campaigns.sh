# Campaigns: tests that take too long for every change, or need what a checkout has not; each a command of its own.
# Sourced by ./dev; needs its functions.

# The first version that had users: its files had no version yet.
FIRST_VERSION=fd39505

campaign_help() {
    cat <<'END_OF_HELP'
./dev campaign neighbours [--times 100]     other tools at work on a VM that is replicated every second
./dev campaign round-trips [--times 20] [--add-to FILE] [--disk MIB --churn MIB]
                                           there and back as planned, then with the site killed and diverged disks; each
                                           round is kept in the file, and the table is of all that are (FILE.stop, made
                                           meanwhile, ends a run behind its round; so for strikes)
./dev campaign upgrade [--from <commit>] [--mixed]
                                           two VMs protected by an earlier version, replaced in place by this one; mixed:
                                           meanwhile one host has it and the other not, both ways round
./dev campaign strikes [--times 40] [--seed N] [--add-to FILE]
                                           vault, agents, libvirtd, QEMU and the link die at steps of operations; places
                                           that the file knows to end well are not struck again before all others
./dev campaign firmware [--target trixie]  a VM with Secure Boot and a TPM: what both keep goes there and back with it
./dev campaign ways-out                    from everywhere that an item can stand an offered action leads out (no root)
END_OF_HELP
}

campaign() {
    campaign_name=${1:-help}
    [ $# -eq 0 ] || shift
    case $campaign_name in
    help | -h | --help) campaign_help ;;
    ways-out) campaign_ways_out "$@" ;;
    round-trips) need_root "campaign $campaign_name" && campaign_round_trips "$@" ;;
    firmware | neighbours | strikes | upgrade) need_root "campaign $campaign_name" && "campaign_$campaign_name" "$@" ;;
    *)
        echo "dev: there is no campaign '$campaign_name'" >&2
        campaign_help >&2
        exit 2
        ;;
    esac
}

# campaign_test <test class> <option of Maven>...
campaign_test() {
    campaign_class=$1
    shift
    setup
    build_require product vault agent cli lab
    UNDERSTUDY_NO_BUILD=1 maven -pl acceptance -am test -Dgroups=campaign -DexcludedGroups=none \
        "-Dtest=$campaign_class" -Dsurefire.failIfNoSpecifiedTests=false "$@"
}

campaign_upgrade() {
    campaign_from=$FIRST_VERSION
    if [ "${1:-}" = --from ]; then
        campaign_from=${2:?"dev: --from which commit?"}
        shift 2
    fi
    campaign_mixed=false
    if [ "${1:-}" = --mixed ]; then
        campaign_mixed=true
        shift
    fi
    campaign_earlier=$UNDERSTUDY_HOME/dist/earlier/$campaign_from
    if [ ! -e "$campaign_earlier/dist/product/built" ]; then
        jdk_require
        rm -rf "$campaign_earlier"
        mkdir -p "$campaign_earlier"
        git -C "$UNDERSTUDY_HOME" archive "$campaign_from" | tar -x -C "$campaign_earlier"
        # The first versions built themselves when they were asked for anything.
        "$campaign_earlier/dev" build || "$campaign_earlier/understudy" --version
    fi
    campaign_test EarlierVersionIsUpgradedInPlaceTest "-Dunderstudy.earlier=$campaign_earlier" \
        "-Dunderstudy.mixed=$campaign_mixed" "$@"
}

campaign_firmware() {
    campaign_target=own
    if [ "${1:-}" = --target ]; then
        campaign_target=${2:?"dev: --target of which release?"}
        shift 2
    fi
    campaign_test FirmwareComesAlongTest "-Dunderstudy.target=$campaign_target" "$@"
}

# What other tools the neighbours are, in the form of ./dev's lists.
NEIGHBOURS='
virtnbdbackup virtnbdbackup backs the VM up beside us
'

campaign_neighbours() {
    campaign_times=100
    if [ "${1:-}" = --times ]; then
        campaign_times=${2:?"dev: --times how many?"}
        shift 2
    fi
    setup
    require_programs "$NEIGHBOURS"
    build_require product vault agent cli lab
    UNDERSTUDY_NO_BUILD=1 maven -pl acceptance -am test -Dtest=OtherToolsWorkBesideReplicationTest \
        -Dsurefire.failIfNoSpecifiedTests=false "-Dunderstudy.times=$campaign_times" \
        "-Djunit.jupiter.execution.timeout.testable.method.default=$((campaign_times * 2 + 15)) m" "$@"
}

# Every way, of which the tests of each change go some.
campaign_ways_out() {
    jdk_require
    maven -pl vault -am test -Dtest=WaysOutTest -Dsurefire.failIfNoSpecifiedTests=false \
        -Dunderstudy.ways.one-of=1 "$@"
}

# What is tested: the commit, with a + where the checkout holds more.
campaign_commit() {
    printf '%s%s\n' "$(git -C "$UNDERSTUDY_HOME" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
        "$(git -C "$UNDERSTUDY_HOME" status --porcelain 2>/dev/null | sed -n '1s/.*/+/p')"
}

campaign_strikes() {
    campaign_times=40
    campaign_seed=$(date +%s)
    campaign_results=
    while :; do
        case ${1:-} in
        --times) campaign_times=${2:?"dev: --times how many?"} ;;
        --seed) campaign_seed=${2:?"dev: --seed which?"} ;;
        --add-to) campaign_results=$(readlink -f "${2:?"dev: --add-to which file?"}") ;;
        *) break ;;
        esac
        shift 2
    done
    setup
    build_require product vault agent cli lab
    UNDERSTUDY_NO_BUILD=1 maven -pl acceptance -am test -Dtest=EveryStepIsStruckTest \
        -Dsurefire.failIfNoSpecifiedTests=false "-Dunderstudy.times=$campaign_times" "-Dunderstudy.seed=$campaign_seed" \
        "-Dunderstudy.results=$campaign_results" "-Dunderstudy.commit=$(campaign_commit)" \
        "-Djunit.jupiter.execution.timeout.testable.method.default=$((campaign_times * 5 + 15)) m" "$@"
}

# The disk is the guest's first, the churn what it rewrites at either site while they differ: 8192 and 1024 show what a way
# back costs of a large disk (--times 0: the planned legs are left out then).
campaign_round_trips() {
    campaign_times=20
    campaign_results=
    campaign_disk=192
    campaign_churn=4
    while :; do
        case ${1:-} in
        --times) campaign_times=${2:?"dev: --times how many?"} ;;
        --add-to) campaign_results=$(readlink -f "${2:?"dev: --add-to which file?"}") ;;
        --disk) campaign_disk=${2:?"dev: --disk of how many MiB?"} ;;
        --churn) campaign_churn=${2:?"dev: --churn of how many MiB?"} ;;
        *) break ;;
        esac
        shift 2
    done
    setup
    build_require product vault agent cli lab
    UNDERSTUDY_NO_BUILD=1 maven -pl acceptance -am test -Dtest=RoundTripTest \
        -Dsurefire.failIfNoSpecifiedTests=false "-Dunderstudy.times=$campaign_times" \
        "-Dunderstudy.results=$campaign_results" "-Dunderstudy.commit=$(campaign_commit)" \
        "-Dunderstudy.disk=$campaign_disk" "-Dunderstudy.churn=$campaign_churn" \
        "-Dunderstudy.patience=$((2 + campaign_disk / 512))" \
        "-Djunit.jupiter.execution.timeout.testable.method.default=$((campaign_times * 10 + 60)) m" "$@"
}
