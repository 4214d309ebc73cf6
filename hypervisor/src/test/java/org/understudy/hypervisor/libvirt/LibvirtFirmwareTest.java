package org.understudy.hypervisor.libvirt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.hypervisor.FirmwareBundle;
import org.understudy.hypervisor.FirmwareBundle.Kind;
import org.understudy.hypervisor.FirmwarePlacement;
import org.understudy.hypervisor.FirmwareReading;
import org.understudy.hypervisor.FirmwareStore;
import org.understudy.hypervisor.FirmwareStoreContract;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.FailureCode;
import org.understudy.model.FailureException;
import org.understudy.model.VmId;

/** Reads and lays down firmware state in the files of a host, which lie below a folder as libvirt lays them out. */
class LibvirtFirmwareTest extends FirmwareStoreContract {
    private static final String EFI = "<os firmware='efi'><type>hvm</type></os>";
    private static final String MODULE = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>";

    @TempDir
    private Path host;

    private final VmId vm = VmId.random();
    private String definition = definition(EFI, MODULE);
    private LibvirtFirmware firmware;

    @BeforeEach
    void layOut() throws IOException {
        Files.createDirectories(host.resolve("var/lib/libvirt/qemu/nvram"));
        // An hour later nothing was written just now.
        firmware = firmware(Clock.offset(Clock.systemUTC(), Duration.ofHours(1)));
    }

    private LibvirtFirmware firmware(Clock clock) {
        return new LibvirtFirmware(asked -> {
            if (!asked.equals(vm)) {
                throw FailureException.of(FailureCode.VM_NOT_FOUND_AT_SOURCE, "There is no VM " + asked + ".");
            }
            return XmlDocument.parse(definition);
        }, new LibvirtFolders(host), clock);
    }

    private String definition(String os, String devices) {
        return "<domain type='qemu'><name>web01</name><uuid>" + vm + "</uuid>" + os + "<devices>" + devices
                + "</devices></domain>";
    }

    @Override
    protected FirmwareStore store() {
        return firmware;
    }

    @Override
    protected VmId vm() {
        return vm;
    }

    /** Until the file's times show it. */
    @Override
    protected void writes(Kind kind, byte[] content) throws IOException {
        Path file = kind == Kind.UEFI_VARIABLES ? variables() : module().resolve("tpm2-00.permall");
        Files.createDirectories(file.getParent());
        Optional<Object> before = Files.exists(file) ? Optional.of(Files.getAttribute(file, "unix:ctime"))
                : Optional.empty();
        do {
            Files.write(file, content);
        } while (before.equals(Optional.of(Files.getAttribute(file, "unix:ctime"))));
    }

    private Path variables() {
        return host.resolve("var/lib/libvirt/qemu/nvram/web01_VARS.fd");
    }

    private Path module() {
        return host.resolve("var/lib/libvirt/swtpm/" + vm + "/tpm2");
    }

    @Test
    void readsVariablesWhereTheDefinitionSaysInTheWordsOfEachRelease() throws Exception {
        Path file = Files.write(host.resolve("elsewhere.fd"), BOOT_ENTRY);
        for (String os : new String[] {
            "<os firmware='efi'><nvram template='/x' format='raw'>/elsewhere.fd</nvram></os>",
            "<os firmware='efi'><nvram type='file'><source file='/elsewhere.fd'/></nvram></os>",
            "<os><loader type='pflash'>/x</loader><nvram>/elsewhere.fd</nvram></os>"}) {
            definition = definition(os, "");
            assertThat(held(Optional.empty()).bundle()).as(os)
                    .isEqualTo(FirmwareBundle.of(Map.of(Kind.UEFI_VARIABLES, BOOT_ENTRY)));
        }
        assertThat(file).exists();
    }

    @Test
    void readsAnOlderModuleAndOneThatLiesElsewhere() throws Exception {
        Path older = Files.createDirectories(module().resolveSibling("tpm1.2"));
        Files.write(older.resolve("tpm-00.permall"), SEALED);
        definition = definition("<os/>", "<tpm><backend type='emulator' version='1.2'/></tpm>");
        assertThat(held(Optional.empty()).bundle()).isEqualTo(FirmwareBundle.of(Map.of(Kind.TPM_1_2, SEALED)));

        Files.write(Files.createDirectories(host.resolve("srv/tpm")).resolve("tpm2-00.permall"), SEALED);
        definition = definition("<os/>", "<tpm><backend type='emulator' version='2.0'>"
                + "<source type='dir' path='/srv/tpm'/></backend></tpm>");
        assertThat(held(Optional.empty()).bundle()).isEqualTo(FirmwareBundle.of(Map.of(Kind.TPM_2, SEALED)));
    }

    @Test
    void readsNothingThatIsNoPlainFileOfAFormatThatIsCarried() throws Exception {
        Files.createDirectories(module());
        writes(Kind.UEFI_VARIABLES, new byte[] {'Q', 'F', 'I', (byte) 0xfb, 0, 0, 0, 3});
        Files.createSymbolicLink(module().resolve("tpm2-00.permall"), Files.write(host.resolve("secret"), SEALED));
        assertThat(held(Optional.empty()).bundle()).isEqualTo(FirmwareBundle.NONE);

        writes(Kind.UEFI_VARIABLES, new byte[Kind.UEFI_VARIABLES.bytesMax() + 1]);
        assertThat(held(Optional.empty()).bundle()).isEqualTo(FirmwareBundle.NONE);

        writes(Kind.UEFI_VARIABLES, BOOT_ENTRY);
        Files.delete(module().resolve("tpm2-00.permall"));
        writes(Kind.TPM_2, SEALED);
        for (String none : new String[] {
            definition("<os><type>hvm</type></os>", "<tpm><backend type='passthrough'/></tpm>"),
            definition("<os firmware='efi'><loader stateless='yes'/></os>", "<tpm><backend type='external'/></tpm>"),
            definition("<os firmware='efi'><nvram format='qcow2'>/x.qcow2</nvram></os>",
                    "<tpm><backend type='emulator'><encryption secret='" + vm + "'/></backend></tpm>"),
            definition("<os firmware='efi'><nvram type='network'><source/></nvram></os>",
                    "<tpm><backend type='emulator'><source type='file' path='/x'/></backend></tpm>"),
            definition("<os firmware='efi'><varstore path='/x.json'/></os>", "")}) {
            definition = none;
            assertThat(held(Optional.empty()).bundle()).as(none).isEqualTo(FirmwareBundle.NONE);
        }
    }

    @Test
    void looksAgainAtWhatWasWrittenJustNow() throws Exception {
        writes(Kind.UEFI_VARIABLES, BOOT_ENTRY);
        firmware = firmware(Clock.systemUTC());

        FirmwareReading.Held first = held(Optional.empty());

        assertThat(first.imprint()).as("a write in the same step of the file system's clock would not show").isEmpty();
        assertThat(held(Optional.of(first)).bundle()).isEqualTo(first.bundle());
    }

    @Test
    void readsUntilTwoReadsAgreeAndSaysNotNowWhereNoneDo() {
        Map<Kind, Path> files = Map.of(Kind.UEFI_VARIABLES, variables());
        FirmwareFiles reader = new FirmwareFiles(Clock.systemUTC());

        FirmwareReading calmed = reader.read(new WrittenWhileRead(files, 2), Optional.empty());
        FirmwareReading never = reader.read(new WrittenWhileRead(files, Integer.MAX_VALUE), Optional.empty());

        assertThat(calmed).isEqualTo(new FirmwareReading.Held(
                FirmwareBundle.of(Map.of(Kind.UEFI_VARIABLES, "read 2".getBytes(US_ASCII))), Optional.empty()));
        assertThat(never).isEqualTo(new FirmwareReading.NotNow(
                "its firmware variables or TPM state were written to while they were read"));
    }

    @Test
    void laysDownWhatNobodyElseMayReadAndKeepsWhatItSetsAside() throws Exception {
        writes(Kind.UEFI_VARIABLES, new byte[] {9});
        writes(Kind.TPM_2, new byte[] {8});

        List<String> aside = firmware.place(placement(vm), Optional.empty());

        assertThat(modeOf(variables())).isEqualTo("rw-------");
        assertThat(modeOf(module())).isEqualTo("rwx------");
        assertThat(modeOf(module().resolve("tpm2-00.permall"))).isEqualTo("rw-------");
        assertThat(aside).hasSize(2);
        for (String sentence : aside) {
            assertThat(sentence).contains("at this host").contains(".understudy-");
            Path kept = host.resolve(sentence.substring(sentence.indexOf(": /") + 3, sentence.length() - 1));
            assertThat(Files.isDirectory(kept) ? kept.resolve("tpm2/tpm2-00.permall") : kept)
                    .binaryContent().isEqualTo(Files.isDirectory(kept) ? new byte[] {8} : new byte[] {9});
        }
        firmware.place(placement(vm), Optional.empty());
        writes(Kind.UEFI_VARIABLES, new byte[] {7});
        assertThat(firmware.place(placement(vm), Optional.empty())).as("of the same second").hasSize(1);
        try (Stream<Path> files = Files.list(variables().getParent())) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void deletesNoModuleBesideTheOneThatIsKnown() throws Exception {
        writes(Kind.TPM_2, new byte[] {8});
        Files.createFile(module().resolve(".lock"));
        Optional<FirmwareBundle> known = Optional.of(FirmwareBundle.of(Map.of(Kind.TPM_2, new byte[] {8})));
        assertThat(firmware.place(placement(vm), known)).isEmpty();

        writes(Kind.TPM_2, new byte[] {8});
        Files.write(Files.createDirectories(module().resolveSibling("tpm1.2")).resolve("tpm-00.permall"), SEALED);
        assertThat(firmware.place(placement(vm), known)).singleElement().asString().contains("set aside");
    }

    @Test
    void leavesNothingOfATest() throws Exception {
        VmId copy = VmId.random();
        firmware.place(placement(vm), Optional.empty());
        firmware.place(new FirmwarePlacement(copy, Optional.of(FirmwarePlacement.variablesOfCopy(copy)),
                placement(vm).bundle()), Optional.empty());

        firmware.remove(copy);
        firmware.remove(copy);

        try (Stream<Path> files = Files.walk(host)) {
            assertThat(files.map(Path::toString)).noneMatch(file -> file.contains(copy.toString()));
        }
        assertThat(held(Optional.empty()).bundle()).isEqualTo(placement(vm).bundle());
    }

    private static FirmwarePlacement placement(VmId vm) {
        return new FirmwarePlacement(vm, Optional.of(FirmwarePlacement.VARIABLES_FOLDER.resolve("web01_VARS.fd")),
                FirmwareBundle.of(Map.of(Kind.UEFI_VARIABLES, BOOT_ENTRY, Kind.TPM_2, SEALED)));
    }

    private static String modeOf(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /** Files whose machine writes as they are about to be read, so many times. */
    private static final class WrittenWhileRead extends EnumMap<Kind, Path> {
        private static final long serialVersionUID = 1;

        private final int writes;
        private int reads;

        WrittenWhileRead(Map<Kind, Path> files, int writes) {
            super(files);
            this.writes = writes;
        }

        @Override
        public Set<Map.Entry<Kind, Path>> entrySet() {
            if (reads < writes) {
                reads++;
                for (Path file : values()) {
                    try {
                        Files.writeString(file, "read " + reads);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
            return super.entrySet();
        }
    }
}
