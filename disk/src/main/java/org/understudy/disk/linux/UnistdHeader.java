package org.understudy.disk.linux;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The functions of {@code unistd.h} that we call. */
final class UnistdHeader {
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;

    private static final MethodHandle CLOSE = NativeCall.handle("close", -1,
            NativeCall.returningInt(ValueLayout.JAVA_INT));
    private static final MethodHandle FTRUNCATE = NativeCall.handle("ftruncate", -1,
            NativeCall.returningInt(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    private static final MethodHandle LSEEK = NativeCall.handle("lseek", -1,
            NativeCall.returningLong(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

    private UnistdHeader() {
    }

    static CallResult close(int descriptor) {
        return NativeCall.call((arena, state) -> (int) CLOSE.invokeExact(state, descriptor));
    }

    static CallResult ftruncate(int descriptor, long length) {
        return NativeCall.call((arena, state) -> (int) FTRUNCATE.invokeExact(state, descriptor, length));
    }

    static CallResult lseek(int descriptor, long offset, int whence) {
        return NativeCall.call((arena, state) -> (long) LSEEK.invokeExact(state, descriptor, offset, whence));
    }
}
