package org.understudy.hypervisor.libvirt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The functions of libvirt that tell of a host and of what it lets VMs be; the rest of {@link LibvirtLibrary}, whose
 * rules hold here too: platform threads alone.
 */
final class LibvirtHostLibrary {
    static final int VIR_DOMAIN_DEFINE_VALIDATE = 1;
    static final int VIR_DOMAIN_START_PAUSED = 1;
    static final int VIR_DOMAIN_START_AUTODESTROY = 2;

    private static final int VIR_DOMAIN_METADATA_ELEMENT = 2;
    private static final int VIR_DOMAIN_AFFECT_CONFIG = 2;

    private static final long NODE_INFO_BYTES = 128;
    /** {@code struct { char model[32]; unsigned long memory; … }}, in KiB. */
    private static final long NODE_INFO_MEMORY = 32;

    private static final MethodHandle NODE_GET_INFO = LibvirtLibrary.number("virNodeGetInfo", ADDRESS, ADDRESS);
    private static final MethodHandle LIST_ALL_FILTERS =
            LibvirtLibrary.number("virConnectListAllNWFilters", ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle FILTER_GET_NAME = LibvirtLibrary.pointer("virNWFilterGetName", ADDRESS);
    private static final MethodHandle FILTER_FREE = LibvirtLibrary.number("virNWFilterFree", ADDRESS);
    private static final MethodHandle DOMAIN_DEFINE_XML_FLAGS =
            LibvirtLibrary.pointer("virDomainDefineXMLFlags", ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_SET_AUTOSTART =
            LibvirtLibrary.number("virDomainSetAutostart", ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_GET_AUTOSTART =
            LibvirtLibrary.number("virDomainGetAutostart", ADDRESS, ADDRESS);
    private static final MethodHandle DOMAIN_SET_METADATA =
            LibvirtLibrary.number("virDomainSetMetadata", ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_CREATE_XML =
            LibvirtLibrary.pointer("virDomainCreateXML", ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_IS_PERSISTENT = LibvirtLibrary.number("virDomainIsPersistent", ADDRESS);

    private static final MethodHandle DOMAIN_HAS_MANAGED_SAVE =
            LibvirtLibrary.number("virDomainHasManagedSaveImage", ADDRESS, JAVA_INT);

    private LibvirtHostLibrary() {}

    /** The host's memory in KiB. */
    static long memoryKibibytes(MemorySegment connection) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(NODE_INFO_BYTES, JAVA_LONG.byteAlignment());
            LibvirtLibrary.check(LibvirtLibrary.invokeNumber(NODE_GET_INFO, connection, info));
            return info.get(JAVA_LONG, NODE_INFO_MEMORY);
        }
    }

    /** The names of all network filters. */
    static Set<String> filterNames(MemorySegment connection) throws LibvirtException {
        List<MemorySegment> filters = LibvirtLibrary.list(LIST_ALL_FILTERS, connection, 0);
        Set<String> names = new HashSet<>();
        for (MemorySegment filter : filters) {
            try {
                names.add(LibvirtLibrary.text(
                        LibvirtLibrary.handle(LibvirtLibrary.invokePointer(FILTER_GET_NAME, filter))));
            } finally {
                LibvirtLibrary.invokeNumber(FILTER_FREE, filter);
            }
        }
        return names;
    }

    static MemorySegment virDomainDefineXMLFlags(MemorySegment connection, String xml, int flags)
            throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return LibvirtLibrary.handle(LibvirtLibrary.invokePointer(
                    DOMAIN_DEFINE_XML_FLAGS, connection, arena.allocateFrom(xml), flags));
        }
    }

    static void virDomainSetAutostart(MemorySegment domain, boolean autostart) throws LibvirtException {
        LibvirtLibrary.check(LibvirtLibrary.invokeNumber(DOMAIN_SET_AUTOSTART, domain, autostart ? 1 : 0));
    }

    static boolean virDomainGetAutostart(MemorySegment domain) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment autostart = arena.allocate(JAVA_INT);
            LibvirtLibrary.check(LibvirtLibrary.invokeNumber(DOMAIN_GET_AUTOSTART, domain, autostart));
            return autostart.get(JAVA_INT, 0) != 0;
        }
    }

    static boolean virDomainHasManagedSaveImage(MemorySegment domain) throws LibvirtException {
        return LibvirtLibrary.check(LibvirtLibrary.invokeNumber(DOMAIN_HAS_MANAGED_SAVE, domain, 0)) == 1;
    }

    /** Replaces the one element of a namespace in the metadata of a VM's definition, or takes it away. */
    static void virDomainSetMetadata(MemorySegment domain, Optional<String> element, String namespace)
            throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            LibvirtLibrary.check(LibvirtLibrary.invokeNumber(DOMAIN_SET_METADATA, domain, VIR_DOMAIN_METADATA_ELEMENT,
                    element.map(arena::allocateFrom).orElse(MemorySegment.NULL), arena.allocateFrom("understudy"),
                    arena.allocateFrom(namespace), VIR_DOMAIN_AFFECT_CONFIG));
        }
    }

    /** Starts a VM that is gone when it ends. */
    static MemorySegment virDomainCreateXML(MemorySegment connection, String xml, int flags) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return LibvirtLibrary.handle(LibvirtLibrary.invokePointer(
                    DOMAIN_CREATE_XML, connection, arena.allocateFrom(xml), flags));
        }
    }

    static boolean virDomainIsPersistent(MemorySegment domain) throws LibvirtException {
        return LibvirtLibrary.check(LibvirtLibrary.invokeNumber(DOMAIN_IS_PERSISTENT, domain)) == 1;
    }
}
