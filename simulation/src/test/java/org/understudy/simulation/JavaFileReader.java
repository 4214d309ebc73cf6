package org.understudy.simulation;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Reads Java sources into trees with the JDK's own compiler, which never mistakes a comment for code. */
final class JavaFileReader {
    private JavaFileReader() {
    }

    /** One parsed source; {@code lines} are its lines as they stand in the file. */
    record JavaFile(String name, List<String> lines, CompilationUnitTree unit, DocTrees trees) {
        long lineAt(long position) {
            return unit.getLineMap().getLineNumber(position);
        }

        /** Empty in a file without a package. */
        String packageName() {
            return Objects.toString(unit.getPackageName(), "");
        }

        String module() {
            return name.substring(0, name.indexOf('/'));
        }

        boolean isTest() {
            return name.contains("/src/test/");
        }
    }

    /** Hands over every file, parsed but not resolved: no class path is needed. */
    static void read(SourceTree tree, List<Path> files, Consumer<JavaFile> reader) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> broken = new ArrayList<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(null, manager, found -> broken.add(found.toString()),
                    List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            DocTrees trees = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                Path file = Path.of(unit.getSourceFile().toUri());
                reader.accept(new JavaFile(tree.name(file), Files.readAllLines(file), unit, trees));
            }
        }
        if (!broken.isEmpty()) {
            throw new IOException("sources that do not parse: " + broken);
        }
    }
}
