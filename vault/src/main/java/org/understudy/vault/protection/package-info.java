/** Protected items: their state, their progress, and the jobs that begin and end protection. */
package org.understudy.vault.protection;
