/**
 * The target's owner of a protected item's disks: journal, apply, undo logs, recovery points, branches.
 * The files and the rules that hold after a crash at any line are told in {@code docs/formats/replica-folder.md}.
 */
package org.understudy.replica;
