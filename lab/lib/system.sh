# The system of a host that is not the machine's own: a root file system of another release below, what this host
# changes above it. Sourced by holder.sh and boot.sh, in the mount namespace of the host, where all of it vanishes with
# the last process of the host.

# lay_system <folder of the host> <root file system>: sets SYSTEM, where the new root is.
lay_system() {
    mkdir -p "$1/system"/{upper,work,root}
    SYSTEM="$1/system/root"
    mount -t overlay system -o "lowerdir=$2,upperdir=$1/system/upper,workdir=$1/system/work" "$SYSTEM"
}

# mount_storage <folder of the host> <folder of images>: the host's own file system for images, if it has one.
mount_storage() {
    local device
    [ -f "$1/storage.img" ] || return 0
    device="$(losetup --direct-io=on -f --show "$1/storage.img" || losetup -f --show "$1/storage.img")"
    mount -o discard "$device" "$2"
    losetup -d "$device" # freed by the kernel with the last mount
    chmod 711 "$2"
}

# The machine's folders beside the system, at the same paths: sources, JDK, temporary files. So what the tests start in
# a host is what they start on the machine.
bring_machines_folders() {
    local place
    for place in /*; do
        case "${place#/}" in
            bin | boot | dev | etc | lib* | lost+found | media | old_root | proc | run | sbin | sys | usr | var) continue ;;
        esac
        [ -d "$place" ] && [ ! -L "$place" ] || continue
        mkdir -p "$SYSTEM$place"
        mount --rbind "$place" "$SYSTEM$place"
    done
    for place in /usr/lib/jvm "${JAVA_HOME:-}" "$(dirname "$LAB_HOME")" "${TMPDIR:-}"; do
        case "$place" in /usr/* | /var/*) ;; *) continue ;; esac
        [ -d "$place" ] || continue
        mkdir -p "$SYSTEM$place"
        mount --rbind "$place" "$SYSTEM$place"
    done
}

# The new root becomes the only one.
enter_system() {
    mkdir -p "$SYSTEM/old"
    cd "$SYSTEM"
    pivot_root . old
    umount --lazy /old
    rmdir /old
}
