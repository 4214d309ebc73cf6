/**
 * Calls of Linux through the JDK's foreign function interface: one package-private class for each C header, and
 * {@link org.understudy.disk.linux.NativeFile} as the one door. Needs {@code --enable-native-access=ALL-UNNAMED}.
 */
package org.understudy.disk.linux;
