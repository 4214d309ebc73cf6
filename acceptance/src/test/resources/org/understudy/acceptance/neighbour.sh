# Puts a neighbour into a network of this host and tells whom it reaches, and whom this host reaches: for each
# "address port" a line "address port neighbour-reaches host-reaches", each yes or no. On port 80 it is a guest that
# must answer, for there are gateways that accept whatever they are asked for. This host is given a route to the one
# address of another host's VM, as an administrator's mistake would; it goes with the neighbour.
# Arguments: bridge, the neighbour's address with its prefix length, its gateway, the VM, the VM's host, then pairs.
set -eu
bridge=$1 address=$2 gateway=$3 vm=$4 vm_host=$5
shift 5

holder=
clean_up() {
    [ -z "$holder" ] || kill "$holder"
    ip link del us-probe0 2>/dev/null || true
    ip route del "$vm" 2>/dev/null || true
}
trap clean_up EXIT
ip link add us-probe0 type veth peer name us-probe1
ip link set us-probe0 master "$bridge" up
ip route add "$vm" via "$vm_host"
unshare --net sleep 120 >/dev/null &
holder=$!
while [ "$(readlink "/proc/$holder/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
ip link set us-probe1 netns "$holder"
neighbour() { nsenter --target "$holder" --net "$@"; }
neighbour ip address add "$address" dev us-probe1
neighbour ip link set us-probe1 up
neighbour ip route add default via "$gateway"

reaches() { if "$@" 2>/dev/null; then echo yes; else echo no; fi; }
while [ $# -gt 0 ]; do
    connect="exec 3<>/dev/tcp/$1/$2"
    [ "$2" != 80 ] || connect="$connect; printf 'GET /status HTTP/1.0\r\n\r\n' >&3; grep -q bootId <&3"
    echo "$1 $2 $(reaches neighbour timeout 5 bash -c "$connect") $(reaches timeout 5 bash -c "$connect")"
    shift 2
done
