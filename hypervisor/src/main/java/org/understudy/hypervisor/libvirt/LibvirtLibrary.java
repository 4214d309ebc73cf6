package org.understudy.hypervisor.libvirt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The C library libvirt (libvirt.so.0, 6.0 or newer): one method for each of its functions, under its C name.
 *
 * <p>libvirt keeps the last error per operating-system thread, and a virtual thread may change that thread between two
 * native calls. So every method here is called on a platform thread ({@link LibvirtConnection} sees to it); then the
 * failing call and the question for its error meet the same thread. Strings that libvirt allocates are freed here;
 * handles ({@code virDomainPtr} and so on) are freed by whoever asked for them.
 */
final class LibvirtLibrary {
    static final int VIR_ERR_INTERNAL_ERROR = 1;
    static final int VIR_ERR_NO_DOMAIN = 42;
    static final int VIR_ERR_NO_NETWORK = 43;
    static final int VIR_ERR_OPERATION_INVALID = 55;
    static final int VIR_ERR_OPERATION_TIMEOUT = 68;
    static final int VIR_FROM_RPC = 7;
    static final int VIR_FROM_REMOTE = 13;

    static final int VIR_DOMAIN_BLOCKED = 2;
    static final int VIR_DOMAIN_RUNNING = 1;
    static final int VIR_DOMAIN_PAUSED = 3;
    static final int VIR_DOMAIN_SHUTDOWN = 4;
    static final int VIR_DOMAIN_CRASHED = 6;
    static final int VIR_DOMAIN_PMSUSPENDED = 7;

    static final int VIR_DOMAIN_XML_SECURE = 1;
    static final int VIR_DOMAIN_XML_INACTIVE = 2;
    static final int VIR_DOMAIN_XML_MIGRATABLE = 8;
    static final int VIR_DOMAIN_UNDEFINE_MANAGED_SAVE = 1;
    static final int VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA = 2;
    static final int VIR_DOMAIN_UNDEFINE_NVRAM = 4;
    static final int VIR_DOMAIN_UNDEFINE_KEEP_NVRAM = 8;
    static final int VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA = 16;
    /** Since libvirt 8.9. */
    static final int VIR_DOMAIN_UNDEFINE_KEEP_TPM = 64;
    static final int VIR_CONNECT_LIST_NETWORKS_PERSISTENT = 4;

    static final int VIR_DOMAIN_EVENT_ID_LIFECYCLE = 0;
    static final int VIR_DOMAIN_EVENT_DEFINED = 0;
    static final int VIR_DOMAIN_EVENT_UNDEFINED = 1;
    static final int VIR_DOMAIN_EVENT_STARTED = 2;
    static final int VIR_DOMAIN_EVENT_SUSPENDED = 3;
    static final int VIR_DOMAIN_EVENT_RESUMED = 4;
    static final int VIR_DOMAIN_EVENT_STOPPED = 5;
    static final int VIR_DOMAIN_EVENT_PMSUSPENDED = 7;
    static final int VIR_DOMAIN_EVENT_CRASHED = 8;

    static final int VIR_DOMAIN_JOB_NONE = 0;

    private static final int VIR_UUID_STRING_BUFLEN = 37;
    private static final long VIR_DOMAIN_JOB_BYTES = 96;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBVIRT = SymbolLookup.libraryLookup("libvirt.so.0", Arena.global());

    private static final MethodHandle FREE = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("free"), FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle GET_LAST_ERROR = pointer("virGetLastError");
    private static final MethodHandle RESET_LAST_ERROR = LINKER.downcallHandle(
            LIBVIRT.findOrThrow("virResetLastError"), FunctionDescriptor.ofVoid());
    private static final MethodHandle EVENT_RUN_DEFAULT = number("virEventRunDefaultImpl");

    private static final MethodHandle CONNECT_OPEN = pointer("virConnectOpen", ADDRESS);
    private static final MethodHandle CONNECT_REF = number("virConnectRef", ADDRESS);
    private static final MethodHandle CONNECT_CLOSE = number("virConnectClose", ADDRESS);
    private static final MethodHandle CONNECT_IS_ALIVE = number("virConnectIsAlive", ADDRESS);
    private static final MethodHandle CONNECT_SET_KEEP_ALIVE =
            number("virConnectSetKeepAlive", ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle CONNECT_GET_CAPABILITIES = pointer("virConnectGetCapabilities", ADDRESS);
    private static final MethodHandle CONNECT_GET_DOMAIN_CAPABILITIES =
            pointer("virConnectGetDomainCapabilities", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT_LIST_ALL_DOMAINS =
            number("virConnectListAllDomains", ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT_LIST_ALL_NETWORKS =
            number("virConnectListAllNetworks", ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT_DOMAIN_EVENT_REGISTER_ANY =
            number("virConnectDomainEventRegisterAny", ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    private static final MethodHandle CONNECT_DOMAIN_EVENT_DEREGISTER_ANY =
            number("virConnectDomainEventDeregisterAny", ADDRESS, JAVA_INT);

    private static final MethodHandle DOMAIN_LOOKUP_BY_UUID = pointer("virDomainLookupByUUIDString", ADDRESS, ADDRESS);
    private static final MethodHandle DOMAIN_LOOKUP_BY_NAME = pointer("virDomainLookupByName", ADDRESS, ADDRESS);
    private static final MethodHandle DOMAIN_FREE = number("virDomainFree", ADDRESS);
    private static final MethodHandle DOMAIN_GET_UUID_STRING = number("virDomainGetUUIDString", ADDRESS, ADDRESS);
    private static final MethodHandle DOMAIN_GET_NAME = pointer("virDomainGetName", ADDRESS);
    private static final MethodHandle DOMAIN_GET_XML_DESC = pointer("virDomainGetXMLDesc", ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_GET_STATE =
            number("virDomainGetState", ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_GET_BLOCK =
            number("virDomainGetBlockInfo", ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_DEFINE_XML = pointer("virDomainDefineXML", ADDRESS, ADDRESS);
    private static final MethodHandle DOMAIN_UNDEFINE_FLAGS = number("virDomainUndefineFlags", ADDRESS, JAVA_INT);
    private static final MethodHandle DOMAIN_CREATE = number("virDomainCreate", ADDRESS);
    private static final MethodHandle DOMAIN_SHUTDOWN = number("virDomainShutdown", ADDRESS);
    private static final MethodHandle DOMAIN_DESTROY = number("virDomainDestroy", ADDRESS);
    private static final MethodHandle DOMAIN_GET_JOB = number("virDomainGetJobInfo", ADDRESS, ADDRESS);
    private static final MethodHandle DOMAIN_ABORT_JOB = number("virDomainAbortJob", ADDRESS);

    private static final MethodHandle NETWORK_LOOKUP_BY_NAME = pointer("virNetworkLookupByName", ADDRESS, ADDRESS);
    private static final MethodHandle NETWORK_FREE = number("virNetworkFree", ADDRESS);
    private static final MethodHandle NETWORK_GET_XML_DESC = pointer("virNetworkGetXMLDesc", ADDRESS, JAVA_INT);
    private static final MethodHandle NETWORK_IS_ACTIVE = number("virNetworkIsActive", ADDRESS);
    private static final MethodHandle NETWORK_DEFINE_XML = pointer("virNetworkDefineXML", ADDRESS, ADDRESS);
    private static final MethodHandle NETWORK_CREATE = number("virNetworkCreate", ADDRESS);
    private static final MethodHandle NETWORK_DESTROY = number("virNetworkDestroy", ADDRESS);
    private static final MethodHandle NETWORK_UNDEFINE = number("virNetworkUndefine", ADDRESS);

    /** Must precede the first connection, or there are neither events nor keepalive. */
    static {
        silenceStandardError();
        invokeNumber(number("virEventRegisterDefaultImpl"));
    }

    private LibvirtLibrary() {}

    /** Runs one turn of the event loop: waits until something happens and dispatches it; false when it failed. */
    static boolean virEventRunDefaultImpl() {
        return invokeNumber(EVENT_RUN_DEFAULT) >= 0;
    }

    static MemorySegment virConnectOpen(String uri) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return handle(invokePointer(CONNECT_OPEN, arena.allocateFrom(uri)));
        }
    }

    static void virConnectRef(MemorySegment connection) throws LibvirtException {
        check(invokeNumber(CONNECT_REF, connection));
    }

    static void virConnectClose(MemorySegment connection) {
        invokeNumber(CONNECT_CLOSE, connection);
    }

    static boolean virConnectIsAlive(MemorySegment connection) {
        return invokeNumber(CONNECT_IS_ALIVE, connection) == 1;
    }

    static void virConnectSetKeepAlive(MemorySegment connection, int intervalSeconds, int count)
            throws LibvirtException {
        check(invokeNumber(CONNECT_SET_KEEP_ALIVE, connection, intervalSeconds, count));
    }

    /** What the host is and how it separates VMs, as XML. */
    static String virConnectGetCapabilities(MemorySegment connection) throws LibvirtException {
        return ownedText(invokePointer(CONNECT_GET_CAPABILITIES, connection));
    }

    /** Of the machine that is usual for an architecture. */
    static String virConnectGetDomainCapabilities(MemorySegment connection, String architecture, String type)
            throws LibvirtException {
        return virConnectGetDomainCapabilities(connection, architecture, Optional.empty(), type);
    }

    /** Of the emulator that libvirt would choose; without a machine of the kind that is usual for it. */
    static String virConnectGetDomainCapabilities(
            MemorySegment connection, String architecture, Optional<String> machine, String type)
            throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return ownedText(invokePointer(CONNECT_GET_DOMAIN_CAPABILITIES, connection, MemorySegment.NULL,
                    arena.allocateFrom(architecture), machine.map(arena::allocateFrom).orElse(MemorySegment.NULL),
                    arena.allocateFrom(type), 0));
        }
    }

    /** Every domain, running or defined; each handle is to be freed. */
    static List<MemorySegment> virConnectListAllDomains(MemorySegment connection) throws LibvirtException {
        return list(CONNECT_LIST_ALL_DOMAINS, connection, 0);
    }

    /** Each handle is to be freed. */
    static List<MemorySegment> virConnectListAllNetworks(MemorySegment connection, int flags) throws LibvirtException {
        return list(CONNECT_LIST_ALL_NETWORKS, connection, flags);
    }

    /** Calls {@code callback(connection, domain, event, detail, opaque)} on the event loop's thread. */
    static int virConnectDomainEventRegisterAny(MemorySegment connection, MemorySegment callback, long opaque)
            throws LibvirtException {
        return check(invokeNumber(CONNECT_DOMAIN_EVENT_REGISTER_ANY, connection, MemorySegment.NULL,
                VIR_DOMAIN_EVENT_ID_LIFECYCLE, callback, MemorySegment.ofAddress(opaque), MemorySegment.NULL));
    }

    static void virConnectDomainEventDeregisterAny(MemorySegment connection, int callback) throws LibvirtException {
        check(invokeNumber(CONNECT_DOMAIN_EVENT_DEREGISTER_ANY, connection, callback));
    }

    /** A C function that calls the given static method; lives as long as the process. */
    static MemorySegment lifecycleCallback(MethodHandle target) {
        return LINKER.upcallStub(
                target, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS), Arena.global());
    }

    static MemorySegment virDomainLookupByUUIDString(MemorySegment connection, String uuid) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return handle(invokePointer(DOMAIN_LOOKUP_BY_UUID, connection, arena.allocateFrom(uuid)));
        }
    }

    static MemorySegment virDomainLookupByName(MemorySegment connection, String name) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return handle(invokePointer(DOMAIN_LOOKUP_BY_NAME, connection, arena.allocateFrom(name)));
        }
    }

    static void virDomainFree(MemorySegment domain) {
        invokeNumber(DOMAIN_FREE, domain);
    }

    static String virDomainGetUUIDString(MemorySegment domain) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(VIR_UUID_STRING_BUFLEN);
            check(invokeNumber(DOMAIN_GET_UUID_STRING, domain, buffer));
            return buffer.getString(0);
        }
    }

    static String virDomainGetName(MemorySegment domain) throws LibvirtException {
        return text(handle(invokePointer(DOMAIN_GET_NAME, domain)));
    }

    static String virDomainGetXMLDesc(MemorySegment domain, int flags) throws LibvirtException {
        return ownedText(invokePointer(DOMAIN_GET_XML_DESC, domain, flags));
    }

    /** A {@code virDomainState}. */
    static int virDomainGetState(MemorySegment domain) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(JAVA_INT);
            check(invokeNumber(DOMAIN_GET_STATE, domain, state, MemorySegment.NULL, 0));
            return state.get(JAVA_INT, 0);
        }
    }

    /** The {@code capacity} of a {@code virDomainBlockInfo}: the bytes that the guest sees. */
    static long virDomainGetBlockCapacity(MemorySegment domain, String disk) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capacityAllocationPhysical = arena.allocate(JAVA_LONG, 3);
            check(invokeNumber(DOMAIN_GET_BLOCK, domain, arena.allocateFrom(disk), capacityAllocationPhysical, 0));
            return capacityAllocationPhysical.get(JAVA_LONG, 0);
        }
    }

    static MemorySegment virDomainDefineXML(MemorySegment connection, String xml) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return handle(invokePointer(DOMAIN_DEFINE_XML, connection, arena.allocateFrom(xml)));
        }
    }

    static void virDomainUndefineFlags(MemorySegment domain, int flags) throws LibvirtException {
        check(invokeNumber(DOMAIN_UNDEFINE_FLAGS, domain, flags));
    }

    static void virDomainCreate(MemorySegment domain) throws LibvirtException {
        check(invokeNumber(DOMAIN_CREATE, domain));
    }

    static void virDomainShutdown(MemorySegment domain) throws LibvirtException {
        check(invokeNumber(DOMAIN_SHUTDOWN, domain));
    }

    static void virDomainDestroy(MemorySegment domain) throws LibvirtException {
        check(invokeNumber(DOMAIN_DESTROY, domain));
    }

    /** The {@code type} of the {@code virDomainJobInfo}: {@link #VIR_DOMAIN_JOB_NONE} when no job runs. */
    static int virDomainGetJobType(MemorySegment domain) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment job = arena.allocate(VIR_DOMAIN_JOB_BYTES, Long.BYTES);
            check(invokeNumber(DOMAIN_GET_JOB, domain, job));
            return job.get(JAVA_INT, 0);
        }
    }

    static void virDomainAbortJob(MemorySegment domain) throws LibvirtException {
        check(invokeNumber(DOMAIN_ABORT_JOB, domain));
    }

    static MemorySegment virNetworkLookupByName(MemorySegment connection, String name) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return handle(invokePointer(NETWORK_LOOKUP_BY_NAME, connection, arena.allocateFrom(name)));
        }
    }

    static void virNetworkFree(MemorySegment network) {
        invokeNumber(NETWORK_FREE, network);
    }

    static String virNetworkGetXMLDesc(MemorySegment network) throws LibvirtException {
        return ownedText(invokePointer(NETWORK_GET_XML_DESC, network, 0));
    }

    static boolean virNetworkIsActive(MemorySegment network) throws LibvirtException {
        return check(invokeNumber(NETWORK_IS_ACTIVE, network)) == 1;
    }

    static MemorySegment virNetworkDefineXML(MemorySegment connection, String xml) throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            return handle(invokePointer(NETWORK_DEFINE_XML, connection, arena.allocateFrom(xml)));
        }
    }

    static void virNetworkCreate(MemorySegment network) throws LibvirtException {
        check(invokeNumber(NETWORK_CREATE, network));
    }

    static void virNetworkDestroy(MemorySegment network) throws LibvirtException {
        check(invokeNumber(NETWORK_DESTROY, network));
    }

    static void virNetworkUndefine(MemorySegment network) throws LibvirtException {
        check(invokeNumber(NETWORK_UNDEFINE, network));
    }

    /** {@code int f(object, T **result, flags)}: a malloc'ed array of handles, which are the caller's. */
    static List<MemorySegment> list(MethodHandle function, MemorySegment object, int flags)
            throws LibvirtException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ADDRESS);
            int count = check(invokeNumber(function, object, result, flags));
            MemorySegment array = result.get(ADDRESS, 0);
            try {
                MemorySegment elements = array.reinterpret(ADDRESS.byteSize() * count);
                List<MemorySegment> handles = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    handles.add(elements.getAtIndex(ADDRESS, i));
                }
                return handles;
            } finally {
                free(array);
            }
        }
    }

    static String ownedText(MemorySegment characters) throws LibvirtException {
        try {
            return text(handle(characters));
        } finally {
            free(characters);
        }
    }

    static String text(MemorySegment characters) {
        return characters.reinterpret(Long.MAX_VALUE).getString(0);
    }

    static MemorySegment handle(MemorySegment pointer) throws LibvirtException {
        if (pointer.address() == 0) {
            throw lastError();
        }
        return pointer;
    }

    static int check(int result) throws LibvirtException {
        if (result < 0) {
            throw lastError();
        }
        return result;
    }

    /** Takes the calling thread's last error: {@code struct { int code; int domain; char *message; … }}. */
    private static LibvirtException lastError() {
        MemorySegment error = invokePointer(GET_LAST_ERROR);
        if (error.address() == 0) {
            return new LibvirtException(0, 0, "libvirt gave no reason");
        }
        MemorySegment fields = error.reinterpret(16);
        MemorySegment message = fields.get(ADDRESS, 8);
        LibvirtException exception = new LibvirtException(fields.get(JAVA_INT, 0), fields.get(JAVA_INT, 4),
                message.address() == 0 ? "libvirt gave no reason" : text(message));
        invoke(RESET_LAST_ERROR);
        return exception;
    }

    static void free(MemorySegment memory) {
        invoke(FREE, memory);
    }

    /** By default libvirt prints each error; ours are returned to the caller instead. */
    private static void silenceStandardError() {
        try {
            MethodHandle ignore = MethodHandles.lookup().findStatic(LibvirtLibrary.class, "ignoreError",
                    MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class));
            MemorySegment handler =
                    LINKER.upcallStub(ignore, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS), Arena.global());
            MethodHandle setErrorFunction = LINKER.downcallHandle(
                    LIBVIRT.findOrThrow("virSetErrorFunc"), FunctionDescriptor.ofVoid(ADDRESS, ADDRESS));
            invoke(setErrorFunction, MemorySegment.NULL, handler);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("the method stands below", e);
        }
    }

    private static void ignoreError(MemorySegment userData, MemorySegment error) {
        // Called by libvirt in the midst of a failing call; the error is read after the call has returned.
    }

    static MethodHandle pointer(String function, MemoryLayout... parameters) {
        return LINKER.downcallHandle(LIBVIRT.findOrThrow(function), FunctionDescriptor.of(ADDRESS, parameters))
                .asSpreader(Object[].class, parameters.length)
                .asType(MethodType.methodType(MemorySegment.class, Object[].class));
    }

    static MethodHandle number(String function, MemoryLayout... parameters) {
        return LINKER.downcallHandle(LIBVIRT.findOrThrow(function), FunctionDescriptor.of(JAVA_INT, parameters))
                .asSpreader(Object[].class, parameters.length)
                .asType(MethodType.methodType(int.class, Object[].class));
    }

    static MethodHandle nothing(String function, MemoryLayout... parameters) {
        return LINKER.downcallHandle(LIBVIRT.findOrThrow(function), FunctionDescriptor.ofVoid(parameters));
    }

    static MemorySegment invokePointer(MethodHandle function, Object... arguments) {
        try {
            return (MemorySegment) function.invokeExact(arguments);
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing of its own", e);
        }
    }

    static int invokeNumber(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeExact(arguments);
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing of its own", e);
        }
    }

    static void invoke(MethodHandle function, Object... arguments) {
        try {
            function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing of its own", e);
        }
    }
}
