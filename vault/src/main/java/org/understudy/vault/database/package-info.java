/** The vault's PostgreSQL: its own process by default, an external one by a setting; the same SQL on both. */
package org.understudy.vault.database;
