/** Who the vault is, whom it trusts and whom it lets in: identity, certificate authority, tokens, registration keys. */
package org.understudy.vault.access;
