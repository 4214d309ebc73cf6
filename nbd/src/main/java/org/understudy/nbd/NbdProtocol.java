package org.understudy.nbd;

/** The numbers of the protocol that we use, by the names of its specification. */
final class NbdProtocol {
    static final long NBDMAGIC = 0x4e42444d41474943L;
    static final long IHAVEOPT = 0x49484156454F5054L;
    static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;
    static final int REQUEST_MAGIC = 0x25609513;
    static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;

    static final int NBD_FLAG_FIXED_NEWSTYLE = 1;
    static final int NBD_FLAG_NO_ZEROES = 1 << 1;

    static final int NBD_OPT_GO = 7;
    static final int NBD_OPT_STRUCTURED_REPLY = 8;
    static final int NBD_OPT_SET_META_CONTEXT = 10;

    static final int NBD_REP_ACK = 1;
    static final int NBD_REP_INFO = 3;
    static final int NBD_REP_META_CONTEXT = 4;
    static final int NBD_REP_FLAG_ERROR = 1 << 31;
    static final int NBD_INFO_EXPORT = 0;

    static final int NBD_FLAG_READ_ONLY = 1 << 1;
    static final int NBD_FLAG_SEND_FLUSH = 1 << 2;
    static final int NBD_FLAG_SEND_TRIM = 1 << 5;
    static final int NBD_FLAG_SEND_WRITE_ZEROES = 1 << 6;

    static final short NBD_CMD_READ = 0;
    static final short NBD_CMD_WRITE = 1;
    static final short NBD_CMD_DISC = 2;
    static final short NBD_CMD_FLUSH = 3;
    static final short NBD_CMD_TRIM = 4;
    static final short NBD_CMD_WRITE_ZEROES = 6;
    static final short NBD_CMD_BLOCK_STATUS = 7;

    static final int NBD_REPLY_FLAG_DONE = 1;
    static final int NBD_REPLY_TYPE_NONE = 0;
    static final int NBD_REPLY_TYPE_OFFSET_DATA = 1;
    static final int NBD_REPLY_TYPE_OFFSET_HOLE = 2;
    static final int NBD_REPLY_TYPE_BLOCK_STATUS = 5;
    static final int NBD_REPLY_TYPE_FLAG_ERROR = 1 << 15;
    static final int NBD_REPLY_TYPE_ERROR_OFFSET = NBD_REPLY_TYPE_FLAG_ERROR | 2;

    static final int REQUEST_BYTES = 28;
    static final int SIMPLE_REPLY_BYTES = 16;
    static final int STRUCTURED_REPLY_BYTES = 20;
    static final int OPTION_HEAD_BYTES = 16;
    static final int OPTION_REPLY_HEAD_BYTES = 20;

    /** Longest text of the protocol. */
    static final int STRING_BYTES_MAX = 4096;

    private NbdProtocol() {
    }
}
