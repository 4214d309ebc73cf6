/** Block devices, files that survive a power cut, and the calls of Linux that the JDK lacks. */
package org.understudy.disk;
