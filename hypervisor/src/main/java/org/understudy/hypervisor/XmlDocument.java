package org.understudy.hypervisor;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.Text;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * An XML text of the hypervisor, parsed and open to changes: no document type, no external entity is ever read.
 *
 * <p>Its elements are named by paths of child names from the root, {@code devices/disk}. Not safe for many threads.
 */
public final class XmlDocument {
    private final Document document;

    private XmlDocument(Document document) {
        this.document = document;
    }

    /** Throws {@link IllegalArgumentException} for a text that is no XML, or more than XML should be. */
    public static XmlDocument parse(String text) {
        try {
            DocumentBuilder builder = factory().newDocumentBuilder();
            builder.setErrorHandler(new Strict());
            return new XmlDocument(builder.parse(new InputSource(new StringReader(text))));
        } catch (SAXException | IOException e) {
            String why = String.valueOf(e.getMessage());
            throw new IllegalArgumentException("not the XML of a hypervisor: "
                    + (why.endsWith(".") ? why.substring(0, why.length() - 1) : why), e);
        } catch (ParserConfigurationException e) {
            throw new AssertionError("every JDK's parser knows these features", e);
        }
    }

    /** A new document with an empty root. */
    public static XmlDocument of(String root) {
        return parse("<" + root + "/>");
    }

    public Element root() {
        return document.getDocumentElement();
    }

    /** Every element at a path below the root, in document order. */
    public List<Element> all(String path) {
        return all(root(), path);
    }

    public Optional<Element> first(String path) {
        return first(root(), path);
    }

    /** Every element at a path below an element, in document order. */
    public static List<Element> all(Element from, String path) {
        List<Element> found = List.of(from);
        for (String name : path.split("/")) {
            List<Element> next = new ArrayList<>();
            for (Element parent : found) {
                for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
                    if (child instanceof Element element && name.equals(element.getNodeName())) {
                        next.add(element);
                    }
                }
            }
            found = next;
        }
        return found;
    }

    public static Optional<Element> first(Element from, String path) {
        return all(from, path).stream().findFirst();
    }

    /** Every element directly below another, in document order. */
    static List<Element> children(Element parent) {
        List<Element> found = new ArrayList<>();
        for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }

    /** The text that is directly an element's own, without the blanks around it. */
    static String ownText(Element element) {
        StringBuilder text = new StringBuilder();
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Text part) {
                text.append(part.getData());
            }
        }
        return text.toString().strip();
    }

    /** Removes an element from where it is. */
    static void remove(Element element) {
        element.getParentNode().removeChild(element);
    }

    /** Empty when it is absent or says nothing. */
    public static Optional<String> attribute(Element element, String name) {
        return Optional.of(element.getAttribute(name)).filter(value -> !value.isEmpty());
    }

    /** The attribute of the first element at a path. */
    public static Optional<String> attribute(Element from, String path, String name) {
        return first(from, path).flatMap(element -> attribute(element, name));
    }

    /** The child of that name, made at the end if there is none. */
    public static Element child(Element parent, String name) {
        return first(parent, name).orElseGet(() -> append(parent, name));
    }

    /** A new last child. */
    public static Element append(Element parent, String name) {
        Element child = parent.getOwnerDocument().createElement(name);
        parent.appendChild(child);
        return child;
    }

    /** Removes every child of these names. */
    public static void remove(Element parent, String... names) {
        for (String name : names) {
            all(parent, name).forEach(parent::removeChild);
        }
    }

    /** Removes every element at a path below the root. */
    public void removeAll(String path) {
        all(path).forEach(element -> element.getParentNode().removeChild(element));
    }

    public String text() {
        try {
            Transformer transformer = TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            StringWriter text = new StringWriter();
            transformer.transform(new DOMSource(document), new StreamResult(text));
            return text.toString();
        } catch (TransformerException e) {
            throw new AssertionError("a parsed document can be written", e);
        }
    }

    private static DocumentBuilderFactory factory() throws ParserConfigurationException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        factory.setXIncludeAware(false);
        factory.setExpandEntityReferences(false);
        return factory;
    }

    /** Refuses, where the parser's own handler prints to standard error. */
    private static final class Strict implements ErrorHandler {
        @Override
        public void warning(SAXParseException e) {
            // Nothing that changes what was read.
        }

        @Override
        public void error(SAXParseException e) throws SAXException {
            throw e;
        }

        @Override
        public void fatalError(SAXParseException e) throws SAXException {
            throw e;
        }
    }
}
