package org.understudy.disk.linux;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The functions of {@code fcntl.h} that we call. */
final class FcntlHeader {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CLOEXEC = 0x80000;
    static final int FALLOC_FL_KEEP_SIZE = 1;
    static final int FALLOC_FL_PUNCH_HOLE = 2;

    private static final MethodHandle OPEN = NativeCall.handle("open", 2,
            NativeCall.returningInt(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle FALLOCATE = NativeCall.handle("fallocate", -1, NativeCall.returningInt(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

    private FcntlHeader() {
    }

    /** The mode is of no account: we never create here. */
    static CallResult open(String path, int flags) {
        return NativeCall.call((arena, state) -> (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags, 0));
    }

    static CallResult fallocate(int descriptor, int mode, long offset, long length) {
        return NativeCall.call((arena, state) ->
                (int) FALLOCATE.invokeExact(state, descriptor, mode, offset, length));
    }
}
