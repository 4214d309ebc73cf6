package org.understudy.disk.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The function of {@code sys/statvfs.h} that we call. */
final class StatvfsHeader {
    /** {@code struct statvfs} of 64-bit Linux, with room to spare. */
    static final int BYTES = 256;
    static final int FILES_AT = 40;
    static final int FREE_FILES_AT = 56;

    private static final MethodHandle STATVFS = NativeCall.handle("statvfs", -1,
            NativeCall.returningInt(ValueLayout.ADDRESS, ValueLayout.ADDRESS));

    private StatvfsHeader() {
    }

    static CallResult statvfs(Arena memory, String path, MemorySegment into) {
        return NativeCall.call((arena, state) ->
                (int) STATVFS.invokeExact(state, memory.allocateFrom(path), into));
    }
}
