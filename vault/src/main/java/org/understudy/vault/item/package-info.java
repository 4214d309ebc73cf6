/**
 * The protected item and its tables: state, progress, test failover; what is allowed of it, what its agents are told,
 * and what the steps of all its jobs share.
 */
package org.understudy.vault.item;
