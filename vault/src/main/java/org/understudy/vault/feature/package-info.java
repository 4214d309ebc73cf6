/** The features of the vault, wired over its database, hosts and jobs, and the resources of none of them. */
package org.understudy.vault.feature;
