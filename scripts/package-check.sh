# Tries the packages in a root file system of a distribution: install, configure, upgrade, remove, purge. Sourced after
# package.sh. Needs root, and no lab; services are not started (no systemd runs there).

# package_check <root file system> [folder of packages]: everything happens in a layer over it, which is thrown away.
package_check() (
    check_folder=$(mktemp -d "$UNDERSTUDY_HOME/dist/check.XXXXXX")
    trap 'rm -rf "$check_folder"' EXIT
    trap 'exit 1' HUP INT TERM
    mkdir "$check_folder/old" "$check_folder/new"
    if [ -n "${2:-}" ]; then
        cp "$2"/*.deb "$check_folder/new/"
    else
        package_all "$check_folder/new" "$(package_version)" >/dev/null
    fi
    # The same files under an earlier version: what is tried is the way from one to the next.
    for check_file in "$check_folder/new"/*.deb; do
        dpkg-deb --raw-extract "$check_file" "$check_folder/unpacked"
        sed -i 's/^Version: .*/Version: 0.0.1/' "$check_folder/unpacked/DEBIAN/control"
        dpkg-deb --root-owner-group -Znone --build "$check_folder/unpacked" \
            "$check_folder/old/$(basename "$check_file")" >/dev/null
        rm -r "$check_folder/unpacked"
    done
    unshare --mount --pid --fork --propagation private sh -eu -c '
        mkdir "$2/mnt"
        mount -t tmpfs -o size=2G tmpfs "$2/mnt"
        mkdir "$2/mnt/upper" "$2/mnt/work" "$2/mnt/root"
        mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/mnt/upper,workdir=$2/mnt/work" "$2/mnt/root"
        mount -t proc proc "$2/mnt/root/proc"
        mkdir -p "$2/mnt/root/srv/packages"
        cp -r "$2/old" "$2/new" "$3" "$2/mnt/root/srv/packages/"
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$2/mnt/root" sh -eu /srv/packages/package-steps
    ' - "$1" "$check_folder" "$UNDERSTUDY_HOME/packaging/package-steps"
)
