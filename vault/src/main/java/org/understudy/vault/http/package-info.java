/**
 * The vault's one HTTPS port: how a request becomes a call of an {@link org.understudy.vault.http.Endpoint} with a
 * known caller, how every failure becomes the same JSON, and how whatever changes something is audited.
 */
package org.understudy.vault.http;
