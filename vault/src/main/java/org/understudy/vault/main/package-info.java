/** The process: reads its arguments, wires the vault from the bottom to the top, and takes it down in reverse. */
package org.understudy.vault.main;
