package org.understudy.hypervisor.libvirt;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.understudy.hypervisor.PointInTimeRequest;
import org.understudy.hypervisor.XmlDocument;
import org.understudy.model.DiskName;
import org.w3c.dom.Element;

/** The two texts with which libvirt is asked for a point in time: of the backup job and of its checkpoint. */
final class BackupXml {
    private static final String BITMAP_PREFIX = "backup-";

    private BackupXml() {}

    /**
     * A pull-mode backup of the requested disks, served over NBD at a socket.
     *
     * @param devices every disk of the VM, so that those not requested are refused by name
     */
    static String backup(PointInTimeRequest request, Path socket, List<String> devices) {
        XmlDocument xml = XmlDocument.of("domainbackup");
        xml.root().setAttribute("mode", "pull");
        request.since().ifPresent(since -> XmlDocument.append(xml.root(), "incremental").setTextContent(since));
        Element server = XmlDocument.append(xml.root(), "server");
        server.setAttribute("transport", "unix");
        server.setAttribute("socket", socket.toString());
        Element disks = XmlDocument.append(xml.root(), "disks");
        for (String device : devices) {
            Element disk = XmlDocument.append(disks, "disk");
            disk.setAttribute("name", device);
            Optional<Path> scratch = scratch(request, device);
            disk.setAttribute("backup", scratch.isPresent() ? "yes" : "no");
            scratch.ifPresent(file -> export(disk, file, request.since().isPresent()));
        }
        return xml.text();
    }

    /** A checkpoint of the requested disks alone. */
    static String checkpoint(PointInTimeRequest request, List<String> devices) {
        XmlDocument xml = XmlDocument.of("domaincheckpoint");
        XmlDocument.append(xml.root(), "name").setTextContent(request.checkpoint());
        Element disks = XmlDocument.append(xml.root(), "disks");
        for (String device : devices) {
            Element disk = XmlDocument.append(disks, "disk");
            disk.setAttribute("name", device);
            disk.setAttribute("checkpoint", scratch(request, device).isPresent() ? "bitmap" : "no");
        }
        return xml.text();
    }

    /** The name of a disk's bitmap at the NBD server. */
    static String bitmap(DiskName disk) {
        return BITMAP_PREFIX + disk;
    }

    private static void export(Element disk, Path scratch, boolean incremental) {
        DiskName name = new DiskName(disk.getAttribute("name"));
        disk.setAttribute("type", "file");
        disk.setAttribute("exportname", name.value());
        if (incremental) {
            disk.setAttribute("exportbitmap", bitmap(name));
        }
        XmlDocument.append(disk, "driver").setAttribute("type", "qcow2");
        XmlDocument.append(disk, "scratch").setAttribute("file", scratch.toString());
    }

    private static Optional<Path> scratch(PointInTimeRequest request, String device) {
        return request.scratch().entrySet().stream()
                .filter(entry -> entry.getKey().value().equals(device)).map(Map.Entry::getValue).findFirst();
    }
}
