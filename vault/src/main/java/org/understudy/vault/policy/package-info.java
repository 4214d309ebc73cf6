/** Replication policies and the cloud pairs that follow them. */
package org.understudy.vault.policy;
