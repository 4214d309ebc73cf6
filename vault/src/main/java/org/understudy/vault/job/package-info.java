/** Jobs as REST shows them, cancels and restarts them. */
package org.understudy.vault.job;
