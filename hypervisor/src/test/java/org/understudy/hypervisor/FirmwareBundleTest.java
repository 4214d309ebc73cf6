package org.understudy.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.understudy.hypervisor.FirmwareBundle.Kind;

/** What a bundle's bytes are, and that nobody's bytes are taken for one that they are not. */
class FirmwareBundleTest {
    private static final byte[] SEALED = "sealed".getBytes(StandardCharsets.US_ASCII);

    @Test
    void isReadAsTheFirstReleaseWroteIt() throws IOException {
        byte[] golden = FirmwareBundleTest.class.getResourceAsStream("firmware-1.bundle").readAllBytes();

        FirmwareBundle bundle = FirmwareBundle.decode(golden);

        assertThat(bundle.kinds()).containsExactly(Kind.UEFI_VARIABLES, Kind.TPM_2);
        assertThat(bundle.part(Kind.UEFI_VARIABLES)).hasValueSatisfying(
                part -> assertThat(part).isEqualTo(ascending()));
        assertThat(bundle.part(Kind.TPM_2)).hasValueSatisfying(part -> assertThat(part).isEqualTo(SEALED));
        assertThat(bundle.part(Kind.TPM_1_2)).isEmpty();
        assertThat(bundle.encode()).isEqualTo(golden);
    }

    @Test
    void nothingIsNoBytesAndIsReadAsNothing() {
        assertThat(FirmwareBundle.NONE.encode()).isEmpty();
        assertThat(FirmwareBundle.decode(new byte[0])).isEqualTo(FirmwareBundle.NONE);
        assertThat(FirmwareBundle.of(Map.of())).isEqualTo(FirmwareBundle.NONE);
        assertThat(bundle().only(Set.of(Kind.TPM_1_2))).isEqualTo(FirmwareBundle.NONE);
    }

    @Test
    void theLargestFitsIntoItsBound() {
        FirmwareBundle largest = FirmwareBundle.of(Map.of(
                Kind.UEFI_VARIABLES, new byte[Kind.UEFI_VARIABLES.bytesMax()],
                Kind.TPM_2, new byte[Kind.TPM_2.bytesMax()]));

        assertThat(largest.encode()).hasSizeLessThanOrEqualTo(FirmwareBundle.BYTES_MAX);
        assertThat(FirmwareBundle.decode(largest.encode())).isEqualTo(largest);
        assertThatThrownBy(() -> FirmwareBundle.of(Map.of(Kind.TPM_2, new byte[Kind.TPM_2.bytesMax() + 1])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FirmwareBundle.of(Map.of(Kind.TPM_2, SEALED, Kind.TPM_1_2, SEALED)))
                .hasMessageContaining("two TPMs");
        assertThatThrownBy(() -> FirmwareBundle.decode(new byte[FirmwareBundle.BYTES_MAX + 1]))
                .hasMessageContaining("longer");
    }

    @Test
    void aByteThatChangedAndAPieceThatIsMissingAreSeen() {
        byte[] whole = bundle().encode();
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 1;
            refused(changed);
            if (i > 0) {
                refused(Arrays.copyOf(whole, i));
            }
        }
        refused(Arrays.copyOf(whole, whole.length + 1));
    }

    /** Whoever can make a digest can make one of nonsense. */
    @Test
    void nonsenseWithADigestThatFitsIsRefusedOrHarmless() {
        Random random = new Random(17);
        byte[] whole = bundle().encode();
        for (int i = 0; i < 20_000; i++) {
            byte[] hostile = Arrays.copyOf(whole, random.nextInt(9, whole.length));
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                hostile[random.nextInt(8, hostile.length)] = (byte) random.nextInt();
            }
            byte[] signed = Arrays.copyOf(hostile, hostile.length + 32);
            System.arraycopy(FirmwareBundle.digest(hostile, hostile.length), 0, signed, hostile.length, 32);
            try {
                assertThat(FirmwareBundle.decode(signed).encode()).isEqualTo(signed);
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageStartingWith("no firmware bundle: ");
            }
        }
    }

    @Test
    void showsNothingOfWhatIsSealedInIt() {
        assertThat(bundle().toString()).contains("TPM_2=6").doesNotContain("sealed");
    }

    private static void refused(byte[] bytes) {
        assertThatThrownBy(() -> FirmwareBundle.decode(bytes)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no firmware bundle: ");
    }

    private static FirmwareBundle bundle() {
        return FirmwareBundle.of(Map.of(Kind.UEFI_VARIABLES, ascending(), Kind.TPM_2, SEALED));
    }

    private static byte[] ascending() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }
}
