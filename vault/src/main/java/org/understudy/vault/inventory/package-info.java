/** Sites, clouds and what their hosts reported: where virtual machines are and may go. */
package org.understudy.vault.inventory;
