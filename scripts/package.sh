# Makes the packages of hosts: what `./dev package` does. Sourced; needs UNDERSTUDY_HOME, JAVA_HOME and a build.
#
#   <output>/understudy-agent_<version>_<arch>.deb    the same of understudy-vault and understudy; .rpm where rpmbuild is
#
# A package holds one part of the product below /usr/lib/understudy/<part>: jars, a Java runtime of their own (decision
# 29), the cache with which it starts, made with that very runtime. Nothing on a host builds, and nothing is shared
# between the packages but the name /usr/bin/understudy, which is an alternative that each of them brings.

PACKAGE_PARTS='agent vault cli'

# What jdeps cannot see: modules of services and of reflection, and jcmd, with which a JVM is asked what it does.
PACKAGE_MODULES_BESIDE=jdk.crypto.cryptoki,jdk.jcmd,jdk.net,jdk.unsupported,java.management

# The version of the pom; what is not tagged sorts before it, by the number of commits.
package_version() {
    package_base=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' "$UNDERSTUDY_HOME/pom.xml")
    if [ "$(git -C "$UNDERSTUDY_HOME" describe --exact-match --tags 2>/dev/null)" = "v$package_base" ]; then
        echo "$package_base"
    elif package_commit=$(git -C "$UNDERSTUDY_HOME" rev-parse --short=8 HEAD 2>/dev/null); then
        echo "$package_base~git$(git -C "$UNDERSTUDY_HOME" rev-list --count HEAD).$package_commit"
    else
        echo "$package_base~local"
    fi
}

# The time that all files bear: of the last commit, so that the same sources give the same package as far as it goes. (A
# cache of the JVM is another one each time.)
package_epoch() {
    git -C "$UNDERSTUDY_HOME" log -1 --format=%ct 2>/dev/null || echo 1763683200
}

# package_all <output> <version>
package_all() (
    package_output=$1
    package_version=$2
    package_product=$(readlink -f "$UNDERSTUDY_HOME/dist/product")
    SOURCE_DATE_EPOCH=$(package_epoch)
    export SOURCE_DATE_EPOCH
    command -v dpkg-deb >/dev/null 2>&1 || command -v rpmbuild >/dev/null 2>&1 || {
        echo "dev: neither dpkg-deb nor rpmbuild is here; packages are made on Debian, Ubuntu or Fedora" >&2
        exit 1
    }
    mkdir -p "$package_output"
    package_folder=$(mktemp -d "$UNDERSTUDY_HOME/dist/package.XXXXXX")
    trap 'rm -rf "$package_folder"' EXIT
    trap 'exit 1' HUP INT TERM
    package_runtime
    package_words
    for package_part in $PACKAGE_PARTS; do
        package_root=$package_folder/$package_part
        package_stage
        package_train
        ! command -v dpkg-deb >/dev/null 2>&1 || package_deb
        ! command -v rpmbuild >/dev/null 2>&1 || package_rpm
    done
)

# One Java runtime, copied into each package.
package_runtime() {
    mkdir "$package_folder/jars"
    for package_part in $PACKAGE_PARTS; do
        cp "$package_product/$package_part"/*.jar "$package_folder/jars/"
    done
    # java.desktop is named by parts of libraries that nothing of ours calls, and is a third of a runtime.
    package_modules=$(cd "$package_folder/jars" && "$JAVA_HOME/bin/jdeps" --multi-release 25 --ignore-missing-deps \
        --print-module-deps -cp '*' understudy-*.jar 2>/dev/null | tail -n 1 | sed 's/,java\.desktop\b//')
    "$JAVA_HOME/bin/jlink" --add-modules "$package_modules,$PACKAGE_MODULES_BESIDE" --strip-debug --no-header-files \
        --no-man-pages --output "$package_folder/runtime"
    # Names the JDK that it was made from and, on some, the machine's store of public authorities: none is asked.
    rm -f "$package_folder/runtime/lib/security/cacerts"
}

# The manual page and the completion, of the same words as --help.
package_words() {
    mkdir "$package_folder/words"
    "$JAVA_HOME/bin/java" -Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener \
        -cp "$package_folder/jars/*" "$UNDERSTUDY_HOME/packaging/Manual.java" \
        "$package_version" "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)" "$package_folder/words"
}

# Everything of one part, in its place below $package_root.
package_stage() {
    package_home=$package_root/usr/lib/understudy/$package_part
    package_sources=$UNDERSTUDY_HOME/packaging/$package_part
    package_name=$(sed -n 's/^Package: //p' "$package_sources/control")
    mkdir -p "$package_home/bin" "$package_home/share" "$package_root/usr/share/doc/$package_name"
    cp -a "$package_folder/runtime" "$package_home/runtime"
    cp -r "$package_product/$package_part" "$package_home/lib"
    rm -f "$package_home/lib"/*.aot
    install -m 755 "$UNDERSTUDY_HOME/packaging/launcher" "$package_home/bin/understudy"
    gzip -9n <"$package_folder/words/understudy.1" >"$package_home/share/understudy.1.gz"
    cp "$package_folder/words/understudy.bash" "$package_home/share/"
    cp "$UNDERSTUDY_HOME/LICENSE" "$package_root/usr/share/doc/$package_name/copyright"
    cp "$UNDERSTUDY_HOME/NOTICE" "$package_root/usr/share/doc/$package_name/"
    for package_unit in "$package_sources"/*.service; do
        [ ! -e "$package_unit" ] || install -D -m 644 -t "$package_root/usr/lib/systemd/system" "$package_unit"
    done
    [ ! -e "$package_sources/$package_part.conf" ] ||
        install -D -m 644 -t "$package_root/etc/understudy" "$package_sources/$package_part.conf"
    [ ! -e "$package_sources/sysusers.conf" ] ||
        install -D -m 644 "$package_sources/sysusers.conf" "$package_root/usr/lib/sysusers.d/understudy.conf"
    # The agent lays it down again when it is missing.
    [ "$package_part" != agent ] || install -m 755 \
        "$UNDERSTUDY_HOME/agent/src/main/resources/org/understudy/agent/role/qemu-hook" "$package_home/share/qemu-hook"
    package_native
    echo "$package_version" >"$package_home/version"
    package_options >"$package_home/java.options"
    chmod -R u+w,go-w,a+rX "$package_root"
    find "$package_root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# Native code lies beside the jars: a host may forbid programs in /tmp, where it would be unpacked to.
package_native() {
    for package_jar in "$package_home/lib"/zstd-jni-*.jar; do
        [ -e "$package_jar" ] || continue
        (cd "$package_home/share" && "$JAVA_HOME/bin/jar" --extract --file "$package_jar" "linux/$(package_java_arch)")
        mv "$package_home/share/linux/$(package_java_arch)"/libzstd-jni-*.so "$package_home/lib/libzstd-jni.so"
        rm -r "$package_home/share/linux"
    done
}

package_java_arch() {
    case $(uname -m) in
    x86_64) echo amd64 ;;
    *) uname -m ;;
    esac
}

# What the JVM is told, one a line.
package_options() {
    package_place=/usr/lib/understudy/$package_part
    case $package_part in
    agent) package_jvm=$AGENT_JVM ;;
    vault) package_jvm=$VAULT_JVM ;;
    cli) package_jvm=$CLI_JVM ;;
    esac
    # shellcheck disable=SC2086 # the options are words
    printf '%s\n' $package_jvm
    # A cache that does not fit is left aside without a word; the JVM then starts as ever.
    [ "$package_part" = vault ] || printf '%s\n' "-XX:AOTCache=$package_place/$package_part.aot" '-Xlog:aot*=off' '-Xlog:cds*=off'
    [ ! -e "$package_home/lib/libzstd-jni.so" ] || echo "-DZstdNativePath=$package_place/lib/libzstd-jni.so"
    [ ! -e "$package_sources/$package_part.conf" ] || echo "-Dunderstudy.options=/etc/understudy/$package_part.conf"
    echo "-Dunderstudy.version=$package_version"
    echo --enable-native-access=ALL-UNNAMED
    # In an order of its own, which the cache remembers.
    printf -- '-cp\n%s\n' "$(cd "$package_home/lib" && LC_ALL=C && for package_jar in *.jar; do
        printf '%s' "$package_place/lib/$package_jar:"
    done | sed 's/:$//')"
}

# The cache, made with the runtime of the package, which then moves to its place.
package_train() {
    [ "$package_part" != vault ] || return 0
    training_packaged "$package_home" "$package_part" >>"$UNDERSTUDY_HOME/dist/build.log" 2>&1
    [ -s "$package_home/$package_part.aot" ] || {
        echo "dev: no cache was made for $package_part; the package would start slowly" >&2
        exit 1
    }
    chmod 644 "$package_home/$package_part.aot"
    touch -d "@$SOURCE_DATE_EPOCH" "$package_home/$package_part.aot" "$package_home"
}

# The newest C library that the runtime's programs ask for.
package_libc() {
    grep -rhao 'GLIBC_2\.[0-9]*' "$package_home/runtime/lib" | sort -uV | tail -n 1 | sed 's/GLIBC_/libc6 (>= /; s/$/)/'
}

package_deb() {
    package_arch=$(dpkg --print-architecture)
    package_control=$package_root/DEBIAN
    mkdir -p "$package_control"
    package_needs=$(package_libc)
    sed "s/\${LIBC}/$package_needs/" "$package_sources/control" | sed "1a\\
Version: $package_version\\
Architecture: $package_arch\\
Maintainer: Understudy maintainers <maintainers@understudy.invalid>\\
Section: admin\\
Priority: optional\\
Homepage: https://understudy.invalid/\\
Installed-Size: $(du -sk --exclude=DEBIAN "$package_root" | cut -f1)" >"$package_control/control"
    for package_script in postinst prerm postrm; do
        # The part's own words come after the first lines, which say what the script is.
        { sed -n '1,/^set -e/p' "$UNDERSTUDY_HOME/packaging/$package_script"
            echo
            cat "$package_sources/scripts"
            sed '1,/^set -e/d' "$UNDERSTUDY_HOME/packaging/$package_script"
        } >"$package_control/$package_script"
        chmod 755 "$package_control/$package_script"
    done
    (cd "$package_root" && find etc -type f 2>/dev/null | sed 's|^|/|') >"$package_control/conffiles"
    (cd "$package_root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$package_control/md5sums"
    package_file=$package_output/${package_name}_${package_version}_$package_arch.deb
    # Beside and then moved: nobody copies half a package.
    dpkg-deb --root-owner-group -Zzstd --build "$package_root" "$package_file.new" >/dev/null
    mv "$package_file.new" "$package_file"
    rm -r "$package_control"
    echo "$package_file"
}

# The same files as .rpm. Its scripts are its own: enabled at the first installation, restarted after an upgrade.
package_rpm() {
    package_spec=$package_folder/$package_name.spec
    package_unit=$(sed -n "s/.* UNIT=\([^ ]*\.service\).*/\1/p" "$package_sources/scripts")
    package_links="/usr/bin/understudy understudy /usr/lib/understudy/$package_part/bin/understudy"
    package_links="--install $package_links 20 --slave /usr/share/man/man1/understudy.1.gz understudy.1.gz"
    package_links="$package_links /usr/lib/understudy/$package_part/share/understudy.1.gz --slave"
    package_links="$package_links /usr/share/bash-completion/completions/understudy understudy.bash"
    package_links="$package_links /usr/lib/understudy/$package_part/share/understudy.bash"
    case $package_part in
    agent) package_requires='libvirt-libs, libvirt-daemon-driver-qemu, qemu-img, util-linux' ;;
    vault) package_requires='systemd, util-linux' ;;
    cli) package_requires=glibc ;;
    esac
    cat >"$package_spec" <<END
%global __os_install_post %{nil}
%global _build_id_links none
Name: $package_name
Version: $package_version
Release: 1
Summary: $(sed -n 's/^Description: //p' "$package_sources/control")
License: Apache-2.0 and GPL-2.0-only WITH Classpath-exception-2.0
AutoReqProv: no
Requires: zlib, $package_requires
%description
$(sed -n '/^Description:/,$p' "$package_sources/control" | sed '1d; s/^ \.$//; s/^ //')
%files
$(cd "$package_root" && find etc usr -type d -path '*understudy*' 2>/dev/null | sed 's|^|%dir /|')
$(cd "$package_root" && find usr ! -type d | sed 's|^|/|')
$(cd "$package_root" && find etc -type f 2>/dev/null | sed 's|^|%config(noreplace) /|')
%post
update-alternatives $package_links || :
$([ "$package_part" != vault ] || echo 'systemd-sysusers understudy.conf || :')
$([ -z "$package_unit" ] || echo "systemctl daemon-reload || :
[ \$1 -gt 1 ] || systemctl enable --now $package_unit || :")
%preun
$([ -z "$package_unit" ] || echo "[ \$1 -gt 0 ] || systemctl disable --now $package_unit || :")
[ \$1 -gt 0 ] || update-alternatives --remove understudy /usr/lib/understudy/$package_part/bin/understudy || :
$([ -z "$package_unit" ] || echo "%posttrans
systemctl try-restart $package_unit || :")
END
    rpmbuild --quiet -bb --buildroot "$package_root" --noclean --define "_rpmdir $package_folder/rpm" \
        --define "_topdir $package_folder/rpmbuild" --define '_binary_payload w3.zstdio' \
        --target "$(uname -m)" "$package_spec" >>"$UNDERSTUDY_HOME/dist/build.log" 2>&1 || {
        echo "dev: rpmbuild could not make $package_name; see dist/build.log" >&2
        exit 1
    }
    mv "$package_folder"/rpm/*/*.rpm "$package_output/"
    echo "$package_output/$package_name-$package_version-1.$(uname -m).rpm"
}
