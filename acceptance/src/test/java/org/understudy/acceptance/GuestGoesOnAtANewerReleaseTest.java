package org.understudy.acceptance;

import org.junit.jupiter.api.Order;
import org.understudy.lab.Lab;

/** From the machine's own release to Debian 13: libvirt 11, QEMU 10. */
@Order(5)
class GuestGoesOnAtANewerReleaseTest extends AcrossReleases {
    GuestGoesOnAtANewerReleaseTest() {
        super(AcceptanceLab.named("newer").withHost(Lab.AMSTERDAM, "trixie"));
    }
}
