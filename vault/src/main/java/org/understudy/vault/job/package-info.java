/** What the jobs on protected items share, and jobs as REST shows them. */
package org.understudy.vault.job;
