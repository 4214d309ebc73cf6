package org.understudy.disk.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;

/** The function of {@code string.h} that we call. */
public final class StringHeader {
    public static final int ENOSPC = ErrnoHeader.ENOSPC;
    public static final int EDQUOT = 122;

    private static final long WORDS_MAX = 1024;
    private static final MethodHandle STRERROR = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow("strerror"),
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private StringHeader() {
    }

    /** What the system calls an error, in the language that this process speaks to its user. */
    public static String strerror(int errno) {
        try {
            MemorySegment words = (MemorySegment) STRERROR.invokeExact(errno);
            return words.reinterpret(WORDS_MAX).getString(0, Charset.forName(
                    System.getProperty("sun.jnu.encoding", "UTF-8")));
        } catch (Throwable e) {
            throw new AssertionError("a downcall throws nothing of its own", e);
        }
    }
}
