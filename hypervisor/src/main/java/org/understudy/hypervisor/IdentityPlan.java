package org.understudy.hypervisor;

import java.util.Optional;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** The part of a plan about who the VM is: name, UUID, Generation ID, and what people noted of it. */
final class IdentityPlan {
    private static final String OSINFO = "http://libosinfo.org/xmlns/libvirt/domain/1.0";

    private IdentityPlan() {}

    static void apply(XmlDocument draft, MachineRequest request, PlanNotes notes) {
        if (!draft.root().getNodeName().equals("domain")) {
            throw new IllegalArgumentException("the definition of a VM is a <domain>, not a <"
                    + draft.root().getNodeName() + ">");
        }
        XmlDocument.child(draft.root(), "name").setTextContent(request.name());
        XmlDocument.child(draft.root(), "uuid").setTextContent(request.id().toString());
        // What the guest reads of it in its firmware's tables follows.
        draft.all("sysinfo/system/entry").stream().filter(entry -> entry.getAttribute("name").equals("uuid"))
                .forEach(entry -> entry.setTextContent(request.id().toString()));
        draft.first("genid").ifPresent(genid -> {
            genid.setTextContent(request.incarnation().toString());
            notes.warning("Its Generation ID is a new one, so that the guest learns that it was copied or set back.");
        });
        programsNotes(draft, notes);
    }

    private static void programsNotes(XmlDocument draft, PlanNotes notes) {
        draft.first("metadata").ifPresent(metadata -> XmlDocument.children(metadata).stream()
                .map(Node::getNamespaceURI)
                .filter(space -> !OSINFO.equals(space) && !MachineDefinition.NAMESPACE.equals(space)
                        && !MachineDefinition.ROLE_NAMESPACE.equals(space)
                        && !AdapterAddresses.NAMESPACE.equals(space))
                .forEach(space -> notes.warning("Notes of another program in its metadata are not carried"
                        + Optional.ofNullable(space).map(name -> " (" + name + ")").orElse("") + ".")));
    }

    /** virt-manager's note of the kind of operating system, the one note that others' tools read. */
    static void keepKindOfSystem(XmlDocument draft, XmlDocument built) {
        draft.first("metadata").map(metadata -> metadata.getElementsByTagNameNS(OSINFO, "os").item(0))
                .filter(Element.class::isInstance).map(Element.class::cast).ifPresent(os -> {
                    Element metadata = XmlDocument.child(built.root(), "metadata");
                    Element holder = metadata.getOwnerDocument().createElementNS(OSINFO, "libosinfo:libosinfo");
                    Element kind = metadata.getOwnerDocument().createElementNS(OSINFO, "libosinfo:os");
                    kind.setAttribute("id", os.getAttribute("id"));
                    holder.appendChild(kind);
                    metadata.appendChild(holder);
                });
    }
}
