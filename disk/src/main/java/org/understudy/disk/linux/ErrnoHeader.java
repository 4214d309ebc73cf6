package org.understudy.disk.linux;

/** The numbers of {@code errno.h} that we meet, as Linux has them on x86-64 and AArch64. */
final class ErrnoHeader {
    static final int ENOENT = 2;
    static final int EIO = 5;
    static final int ENXIO = 6;
    static final int EACCES = 13;
    static final int EEXIST = 17;
    static final int EINVAL = 22;
    static final int EFBIG = 27;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;

    private ErrnoHeader() {
    }

    static String nameOf(int errno) {
        return switch (errno) {
            case ENOENT -> "ENOENT: no such file";
            case EIO -> "EIO: the storage reported an error";
            case ENXIO -> "ENXIO: no such device or offset";
            case EACCES -> "EACCES: permission denied";
            case EEXIST -> "EEXIST: the file exists";
            case EINVAL -> "EINVAL: invalid argument";
            case EFBIG -> "EFBIG: larger than a file can be here";
            case ENOSPC -> "ENOSPC: no space left";
            case EROFS -> "EROFS: read-only file system";
            case ENOSYS -> "ENOSYS: not known to this kernel";
            case EOPNOTSUPP -> "EOPNOTSUPP: not supported here";
            default -> "see errno(3)";
        };
    }
}
