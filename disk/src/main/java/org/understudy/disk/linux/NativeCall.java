package org.understudy.disk.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** A function of the C library, called so that errno is kept before the JVM can overwrite it. */
final class NativeCall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private NativeCall() {
    }

    /** The handle takes the captured state first, then the arguments. {@code variadicFrom} < 0: not variadic. */
    static MethodHandle handle(String name, int variadicFrom, FunctionDescriptor signature) {
        MemorySegment address = LINKER.defaultLookup().findOrThrow(name);
        Linker.Option capture = Linker.Option.captureCallState("errno");
        return variadicFrom < 0
                ? LINKER.downcallHandle(address, signature, capture)
                : LINKER.downcallHandle(address, signature, capture, Linker.Option.firstVariadicArg(variadicFrom));
    }

    static CallResult call(Body body) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long value = body.invoke(arena, state);
            return new CallResult(value, (int) ERRNO.get(state, 0L));
        } catch (Throwable e) {
            // A handle declares Throwable and throws only when we called it with the wrong types.
            throw new AssertionError("a call into the C library could not be made", e);
        }
    }

    static FunctionDescriptor returningInt(ValueLayout... arguments) {
        return FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments);
    }

    static FunctionDescriptor returningLong(ValueLayout... arguments) {
        return FunctionDescriptor.of(ValueLayout.JAVA_LONG, arguments);
    }

    /** One invocation: native memory that lives as long as the call, and where errno is written. */
    interface Body {
        long invoke(Arena arena, MemorySegment state) throws Throwable;
    }
}
