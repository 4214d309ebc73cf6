/** Test failover, failover and commit. */
package org.understudy.vault.failover;
