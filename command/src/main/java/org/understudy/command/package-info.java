/** What the vault asks of agents and what they report: the one module of words between control and data plane. */
package org.understudy.command;
