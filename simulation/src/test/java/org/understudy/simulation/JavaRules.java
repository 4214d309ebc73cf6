package org.understudy.simulation;

import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.CatchTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.TreeScanner;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.understudy.simulation.JavaFileReader.JavaFile;

/** The rules of the house over one parsed Java source: sizes, names, calls that are not made, first sentences. */
final class JavaRules extends TreePathScanner<Void, Void> {
    private static final int METHOD_LINES_MAX = 60;
    private static final int CONSTRUCTOR_PARAMETERS_MAX = 6;

    private static final Pattern BANNED_NAME = Pattern.compile(
            "(?:Abstract|Base|Default|Misc)[A-Z].*"
                    + "|.*(?:Utils?|Helper|Manager|Impl|Service|Base|Common|Misc|Data|Info|Processor|Default)");

    /** Calls that ask for the time of day, where a {@code Clock} is passed in; nanoTime for durations is free. */
    private static final Set<String> CLOCKS = Set.of(
            "Instant.now", "LocalDate.now", "LocalDateTime.now", "OffsetDateTime.now", "ZonedDateTime.now",
            "System.currentTimeMillis");

    /** Modules that talk to a person, and modules that are the proof: they print and look at the clock. */
    private static final Set<String> TALKING = Set.of("cli", "lab", "bench", "acceptance");

    /** Calls that make a file or folder with what the umask leaves of the usual rights. */
    private static final Set<String> MAKING = Set.of(
            "Files.createDirectory", "Files.createDirectories", "Files.createFile", "Files.createTempFile",
            "Files.createTempDirectory", "Files.write", "Files.writeString", "Files.newOutputStream",
            "Files.newBufferedWriter");

    /** What runs on hosts beside others' VMs; its module disk makes files and folders, with rights of their own. */
    private static final Set<String> ON_HOSTS = Set.of(
            "nbd", "changelog", "capture", "replication", "replica", "hypervisor", "command", "agent");

    private static final Set<String> TOO_WIDE = Set.of("Exception", "Throwable");

    private final JavaFile file;
    private final Consumer<Finding> findings;

    private JavaRules(JavaFile file, Consumer<Finding> findings) {
        this.file = file;
        this.findings = findings;
    }

    static void check(JavaFile file, Consumer<Finding> findings) {
        new JavaRules(file, findings).scan(new TreePath(file.unit()), null);
    }

    @Override
    public Void visitImport(ImportTree tree, Void none) {
        if (tree.getQualifiedIdentifier().toString().endsWith(".*")) {
            found(tree, "wildcard", tree.toString().strip() + " hides where names come from");
        }
        return super.visitImport(tree, none);
    }

    @Override
    public Void visitClass(ClassTree tree, Void none) {
        String name = tree.getSimpleName().toString();
        if (BANNED_NAME.matcher(name).matches()) {
            found(tree, "name", name + " says nothing; name what it is or does");
        }
        if (getCurrentPath().getParentPath().getLeaf() == file.unit()) {
            checkFirstSentence(tree, name);
        }
        return super.visitClass(tree, none);
    }

    private void checkFirstSentence(ClassTree tree, String name) {
        String comment = file.trees().getDocComment(getCurrentPath());
        if (comment == null || comment.isBlank()) {
            found(tree, "javadoc", name + " has no sentence that says what it is");
        } else if (!comment.strip().split("\n\\s*(?:\n|@|<p>)", 2)[0].contains(".")) {
            found(tree, "javadoc", name + " does not begin with a sentence that ends");
        }
    }

    @Override
    public Void visitMethod(MethodTree tree, Void none) {
        ClassTree owner = (ClassTree) getCurrentPath().getParentPath().getLeaf();
        boolean constructor = tree.getReturnType() == null;
        String name = constructor ? owner.getSimpleName().toString() : tree.getName().toString();
        long first = file.lineAt(start(tree));
        long lines = file.lineAt(end(tree)) - first + 1;
        if (lines > METHOD_LINES_MAX) {
            found(tree, "method", "%s has %d lines, at most %d".formatted(name, lines, METHOD_LINES_MAX));
        }
        int parameters = tree.getParameters().size();
        if (constructor && owner.getKind() != Tree.Kind.RECORD && parameters > CONSTRUCTOR_PARAMETERS_MAX) {
            found(tree, "constructor", "%s takes %d parameters, at most %d: a type is missing"
                    .formatted(name, parameters, CONSTRUCTOR_PARAMETERS_MAX));
        }
        if (file.isTest() && isTestMethod(tree) && name.matches("test([A-Z0-9_].*)?")) {
            found(tree, "promise", name + " promises nothing; say what holds");
        }
        return super.visitMethod(tree, none);
    }

    private static boolean isTestMethod(MethodTree tree) {
        return tree.getModifiers().getAnnotations().stream()
                .anyMatch(annotation -> Set.of("Test", "Property", "ParameterizedTest", "RepeatedTest")
                        .contains(annotation.getAnnotationType().toString()));
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree tree, Void none) {
        String called = tree.getMethodSelect().toString();
        if (CLOCKS.contains(called) && tree.getArguments().isEmpty() && !file.isTest()
                && !TALKING.contains(file.module())) {
            found(tree, "clock", called + "() cannot be tested; pass a Clock in");
        }
        if (called.equals("Thread.sleep") || called.equals("TimeUnit.SECONDS.sleep")) {
            found(tree, "sleep", called + ": await a condition with a deadline");
        }
        if (ON_HOSTS.contains(file.module()) && !file.isTest() && (MAKING.contains(called)
                || called.equals("FileChannel.open") && tree.getArguments().toString().contains("CREATE"))) {
            found(tree, "rights", called + " leaves the mode to the umask; disk's Folders and PrivateFile do not");
        }
        if (called.endsWith(".printStackTrace")) {
            found(tree, "print", called + ": log it or return it");
        }
        return super.visitMethodInvocation(tree, none);
    }

    @Override
    public Void visitMemberSelect(MemberSelectTree tree, Void none) {
        String name = tree.toString();
        if ((name.equals("System.out") || name.equals("System.err")) && !mayPrint()) {
            found(tree, "print", name + " outside the modules and main packages that talk to a person");
        }
        return super.visitMemberSelect(tree, none);
    }

    private boolean mayPrint() {
        return TALKING.contains(file.module()) || file.packageName().endsWith(".main");
    }

    @Override
    public Void visitCatch(CatchTree tree, Void none) {
        VariableTree caught = tree.getParameter();
        if (TOO_WIDE.contains(caught.getType().toString()) && !goesOn(tree, caught.getName().toString())) {
            found(tree, "catch", "catches " + caught.getType() + " and neither throws nor returns what it caught");
        }
        return super.visitCatch(tree, none);
    }

    /** Whether what was caught leaves the block: thrown, returned, or kept in a variable or field. */
    private static boolean goesOn(CatchTree tree, String caught) {
        return Boolean.TRUE.equals(new TreeScanner<Boolean, Void>() {
            @Override
            public Boolean visitThrow(ThrowTree found, Void none) {
                return true;
            }

            @Override
            public Boolean visitReturn(ReturnTree found, Void none) {
                return names(found.getExpression(), caught);
            }

            @Override
            public Boolean visitAssignment(AssignmentTree found, Void none) {
                return names(found.getExpression(), caught);
            }

            @Override
            public Boolean visitVariable(VariableTree found, Void none) {
                return names(found.getInitializer(), caught);
            }

            @Override
            public Boolean reduce(Boolean one, Boolean other) {
                return Boolean.TRUE.equals(one) || Boolean.TRUE.equals(other);
            }
        }.scan(List.of(tree.getBlock()), null));
    }

    private static boolean names(Tree expression, String variable) {
        return Boolean.TRUE.equals(new TreeScanner<Boolean, Void>() {
            @Override
            public Boolean visitIdentifier(IdentifierTree found, Void none) {
                return found.getName().contentEquals(variable);
            }

            @Override
            public Boolean reduce(Boolean one, Boolean other) {
                return Boolean.TRUE.equals(one) || Boolean.TRUE.equals(other);
            }
        }.scan(expression, null));
    }

    private void found(Tree tree, String rule, String what) {
        findings.accept(new Finding(file.name(), file.lineAt(start(tree)), rule, what));
    }

    private long start(Tree tree) {
        return file.trees().getSourcePositions().getStartPosition(file.unit(), tree);
    }

    private long end(Tree tree) {
        return file.trees().getSourcePositions().getEndPosition(file.unit(), tree);
    }
}
