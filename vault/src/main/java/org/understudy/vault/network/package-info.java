/** Networks of sites, their mappings, and the rules of attachment and placement. */
package org.understudy.vault.network;
