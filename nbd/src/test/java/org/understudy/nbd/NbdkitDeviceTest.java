package org.understudy.nbd;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.understudy.disk.BlockDevice;
import org.understudy.disk.BlockDeviceContract;

/** An export of nbdkit that cannot zero, and answers in another order, keeps the contract of a block device. */
@Tag("slow")
class NbdkitDeviceTest extends BlockDeviceContract {
    @TempDir
    private Path folder;

    private NbdServerProcess server;

    @Override
    protected BlockDevice openEmpty() throws IOException {
        server = NbdServerProcess.nbdkit(folder, "--filter=nozero", "memory", "" + SIZE.bytes());
        return server.connect();
    }

    @AfterEach
    void stopServer() throws IOException {
        if (server != null) {
            // A server waits for its clients before it ends.
            device.close();
            server.close();
        }
    }
}
