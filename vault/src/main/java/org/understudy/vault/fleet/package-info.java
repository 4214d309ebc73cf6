/** The hosts and their agents: how they join, what they are asked, what they report. */
package org.understudy.vault.fleet;
