/** What people ask of protected items: one way for all operations, from the route to the job. */
package org.understudy.vault.operation;
