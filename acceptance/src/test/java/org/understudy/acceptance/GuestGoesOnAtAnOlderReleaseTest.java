package org.understudy.acceptance;

import org.junit.jupiter.api.Order;
import org.understudy.lab.Lab;

/** From Debian 13 back to the machine's own release, where the guest's machine is one that both know. */
@Order(6)
class GuestGoesOnAtAnOlderReleaseTest extends AcrossReleases {
    GuestGoesOnAtAnOlderReleaseTest() {
        super(AcceptanceLab.named("older").withHost(Lab.STOCKHOLM, "trixie"));
    }
}
