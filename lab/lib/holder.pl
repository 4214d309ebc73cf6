# Keeps a host's namespaces, starts its libvirtd (now and again at each SIGHUP), and reaps whatever is orphaned there.
# libvirt waits for the end of QEMU processes that are not its children; where the machine's first process reaps
# late, or never as in a container, every probe and every `virsh destroy` would wait for it.
use strict;
use warnings;

my ($log) = @ARGV;
syscall(157, 36, 1, 0, 0, 0) == 0 or die "prctl(PR_SET_CHILD_SUBREAPER): $!\n";

my $start = 1;
$SIG{HUP} = sub { $start = 1 };
$SIG{CHLD} = sub { };

while (1) {
    if ($start) {
        $start = 0;
        my $pid = fork() // die "fork: $!\n";
        if ($pid == 0) {
            open(STDOUT, '>>', $log) and open(STDERR, '>&', \*STDOUT) or die "$log: $!\n";
            setpgrp(0, 0);
            $SIG{$_} = 'DEFAULT' for qw(HUP CHLD);
            exec('libvirtd', '-f', '/etc/libvirt/libvirtd.conf') or die "libvirtd: $!\n";
        }
    }
    1 while waitpid(-1, 1) > 0;
    # A signal between the check and the sleep is noticed a quarter second late, no more.
    select(undef, undef, undef, 0.25);
}
