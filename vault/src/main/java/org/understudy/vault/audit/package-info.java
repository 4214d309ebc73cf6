/** Who did or tried what, kept for a year (decision 17). */
package org.understudy.vault.audit;
